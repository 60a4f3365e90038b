import { describe, expect, it } from '@jest/globals';
import { createPipeline, GenerationError, tokens } from 'scriptorium';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aChatStream, FakeTransport } from 'scriptorium/testing';

const OTHER = openaiCompatible({ id: 'other', baseUrl: 'http://other.test/v1', model: 'other-1' });

/** The model that answers where the first one refuses with this; the error's code where none does. */
async function answeredBy(plugin: ReturnType<typeof openrouter>, status: number, error: object): Promise<string> {
  const transport = new FakeTransport({ status, body: [JSON.stringify({ error })] }, aChatStream('Once.'));
  await using pipeline = await createPipeline({
    environment: {},
    plugins: [plugin, OTHER],
    config: { logging: { level: 'silent' }, routes: [{ provider: 'other', model: 'other-1' }] },
    register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
  });
  try {
    return (await pipeline.generate({ prompt: 'Write.', model: 'first-1' })).provider;
  } catch (error) {
    return GenerationError.is(error) ? error.code : String(error);
  }
}

const PROVIDERS = [
  ['openrouter', () => openrouter({ apiKey: 'k' })],
  ['openai-compatible', () => openaiCompatible({ baseUrl: 'http://first.test/v1' })],
  ['anthropic', () => anthropic({ apiKey: 'k' })],
] as const;

describe.each(PROVIDERS)('a refusal by %s', (_name, plugin) => {
  it.each([
    [400, { message: 'The model `first-1` has been decommissioned.', type: 'invalid_request_error' }],
    [400, { message: 'prompt is too long: 214315 tokens > 200000 maximum', type: 'invalid_request_error' }],
    [422, { message: "This model's maximum context length is 8192 tokens." }],
    [410, { message: 'The model has reached its end of life.' }],
    [413, { message: 'Request too large.' }],
    [404, { message: 'model: first-1', type: 'not_found_error' }],
  ])('with %i and %j leads to the next route', async (status, error) => {
    expect(await answeredBy(plugin(), status, error)).toBe('other');
  });

  it.each([
    [400, { message: '`temperature` is deprecated for this model.', type: 'invalid_request_error' }],
    [400, { message: 'max_tokens must be <= 4096', type: 'invalid_request_error' }],
    [422, { message: 'messages: at least one message is required' }],
  ])('with %i and %j is a mistake on every route', async (status, error) => {
    expect(await answeredBy(plugin(), status, error)).toBe('bad-request');
  });
});
