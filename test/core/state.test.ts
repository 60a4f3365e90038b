import { describe, expect, it } from '@jest/globals';
import { RequestContext } from '../../src/core/context.js';
import type { GenerationRequest } from '../../src/core/request.js';
import { newGenerationState, stateOf, withState } from '../../src/core/state.js';
import { aRequest } from '../../src/testing/request-builder.js';

describe("the state of a request's generation", () => {
  it('is kept by a copy, by a frozen request, and by a rest without a field', () => {
    const request = Object.freeze(aRequest());
    const { maxTokens: _maxTokens, ...rest } = { ...request, maxTokens: 5 };
    expect([{ ...request }, Object.assign({}, request), rest].map(stateOf)).toEqual(
      Array.from({ length: 3 }, () => stateOf(request)),
    );
    expect(stateOf(rest)).toBe(stateOf(request));
  });

  it('is not a field: neither keys nor JSON nor a structured clone show it', () => {
    const { context: _context, ...request } = aRequest();
    const fields = Object.keys(request);
    expect(fields).not.toContain('state');
    expect(Object.keys(JSON.parse(JSON.stringify(request)) as object)).toEqual(fields);
    expect(Reflect.ownKeys(structuredClone(request))).toEqual(fields);
  });

  it('replaces another one, in a copy', () => {
    const request = aRequest();
    const state = newGenerationState(5);
    expect(stateOf(withState(request, state))).toBe(state);
    expect(stateOf(request)).not.toBe(state);
  });

  it('is missing from a request that was built outside a pipeline, which is an internal error with a remedy', () => {
    const built: GenerationRequest = {
      id: 'generation-7',
      provider: 'fake',
      model: 'a-model',
      messages: [],
      providerOptions: {},
      wire: 'sse',
      headers: {},
      labels: {},
      overrides: {},
      context: RequestContext.empty,
    };
    expect(() => stateOf(built)).toThrow(
      expect.objectContaining({
        code: 'internal',
        message:
          'The request "generation-7" has no generation state. Run it in a pipeline; in a test, make it with aRequest().',
      }),
    );
  });
});
