import { describe, expect, it } from '@jest/globals';
import { concat, of, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import { createPipeline, GenerationError, PHASES, RateLimitError } from 'scriptorium';
import type { GenerationEvent, GenerationRequest, InterceptorDefinition, Provider } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { MemorySink } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';

const USAGE = { inputTokens: 7, outputTokens: 5, source: 'reported' } as const;
const END: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: null },
  usage: USAGE,
  servedFrom: 'provider',
  provider: 'fake',
  model: 'a-model',
};
const says = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });

/** A request with the fields of another one, each by its name. */
function builtAfresh(request: GenerationRequest): GenerationRequest {
  return {
    id: request.id,
    provider: request.provider,
    model: request.model,
    messages: request.messages,
    wire: request.wire,
    providerOptions: request.providerOptions,
    headers: request.headers,
    labels: request.labels,
    overrides: request.overrides,
    context: request.context,
    ...(request.continuation !== undefined && { continuation: request.continuation }),
    ...(request.deadlineMs !== undefined && { deadlineMs: request.deadlineMs }),
  };
}

/** A pipeline with such an interceptor in every phase, over a provider that gives these answers, one after the other. */
async function scene(...answers: readonly Observable<GenerationEvent>[]) {
  const [sink, continuations]: [MemorySink, (string | undefined)[]] = [new MemorySink(), []];
  const provider: Provider = {
    id: 'fake',
    defaultModel: 'a-model',
    capabilities: () => ({ prefill: 'exact' }),
    generate: ({ continuation }) => {
      continuations.push(continuation && continuation.text + continuation.anchor);
      return answers[continuations.length - 1] ?? of(END);
    },
  };
  const rebuilding = PHASES.map((phase): InterceptorDefinition => ({
    name: `rebuilding-${phase}`,
    phase,
    intercept: (request, next) => next(builtAfresh(request)),
  }));
  const setUp = definePlugin({
    name: 'fake',
    apiVersion: 1,
    setup: (host) => {
      host.addProvider(provider);
      host.addStatSink(sink);
    },
  });
  const pipeline = await createPipeline({
    plugins: [setUp],
    interceptors: rebuilding,
    config: { logging: { level: 'silent' }, retry: { baseMs: 0 } },
    environment: {},
  });
  return { pipeline, sink, continuations };
}

describe('a request that interceptors build afresh', () => {
  it('is retried and continued, and every attempt of it is counted', async () => {
    const { pipeline, sink, continuations } = await scene(
      throwError(() => new GenerationError('overloaded', 'Not now.', { retryable: true })),
      concat(
        of(says('Call me ')),
        throwError(() => new GenerationError('connection', 'The socket broke.', { retryable: true })),
      ),
      of(says(' Ishmael.'), END),
    );
    const { text, attempts, segments } = await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    expect({ text, segments: segments.length, continuations }).toEqual({
      text: 'Call me Ishmael.',
      segments: 2,
      continuations: [undefined, undefined, 'Call me '],
    });
    expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'error'],
      [2, 'error'],
      [3, 'success'],
    ]);
    expect(sink.generations).toMatchObject([{ outcome: 'success', attempts: 3 }]);
  });

  it('keeps its deadline: a reset beyond it fails at once', async () => {
    const { pipeline, continuations } = await scene(
      throwError(() => new RateLimitError('Slow down.', { retryAt: Date.now() + 30_000 })),
    );
    const failure = await failureOf(pipeline.generate({ prompt: 'Begin.', deadlineMs: 20_000 }));
    await pipeline.dispose();
    expect({ code: failure.code, requests: continuations.length }).toEqual({ code: 'rate-limit', requests: 1 });
  });
});
