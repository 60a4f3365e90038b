import { describe, expect, it } from '@jest/globals';
import { of, throwError } from 'rxjs';
import { createPipeline, GenerationError } from 'scriptorium';
import { ATTEMPT_NUMBER, definePlugin } from 'scriptorium/plugin';
import type { Connection, GenerationEvent, InterceptorDefinition, Provider } from 'scriptorium/plugin';

const END: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: null },
  usage: { inputTokens: 1, outputTokens: 1, source: 'reported' },
  servedFrom: 'provider',
  provider: 'twice',
  model: 'a-model',
};

describe('the connection of an attempt', () => {
  it('has the number of the attempt, as interceptors of the phase have it, and says whether the reader is slow', async () => {
    const [connections, numbers]: [Connection[], number[]] = [[], []];
    const provider: Provider = {
      id: 'twice',
      defaultModel: 'a-model',
      generate: (_request, connection) => {
        connections.push(connection);
        return connections.length === 1
          ? throwError(() => new GenerationError('overloaded', 'Not now.', { retryable: true }))
          : of<GenerationEvent[]>({ type: 'text-delta', delta: 'Now.' }, END);
      },
    };
    const noting: InterceptorDefinition = {
      name: 'noting',
      phase: 'attempt',
      intercept: (request, next) => {
        numbers.push(request.context.get(ATTEMPT_NUMBER));
        return next(request);
      },
    };
    const pipeline = await createPipeline({
      plugins: [definePlugin({ name: 'twice', apiVersion: 1, setup: (host) => host.addProvider(provider) })],
      interceptors: [noting],
      config: { logging: { level: 'silent' }, retry: { baseMs: 0 } },
      environment: {},
    });
    const { text } = await pipeline.generate({ prompt: 'Begin.' });
    expect({
      text,
      numbers,
      attempts: connections.map(({ attempt }) => attempt),
      paused: connections.map(({ backpressure }) => backpressure.isPaused),
    }).toEqual({ text: 'Now.', numbers: [1, 2], attempts: [1, 2], paused: [false, false] });
    await pipeline.dispose();
  });

  it('has no attempt where it is for a question beside generations', async () => {
    const attempts: number[] = [];
    const provider: Provider = {
      id: 'asked',
      generate: () => of(END),
      catalogue: {
        models: ({ attempt }) => {
          attempts.push(attempt);
          return Promise.resolve([]);
        },
      },
    };
    const pipeline = await createPipeline({
      plugins: [definePlugin({ name: 'asked', apiVersion: 1, setup: (host) => host.addProvider(provider) })],
      config: { logging: { level: 'silent' } },
      environment: {},
    });
    await pipeline.models();
    expect(attempts).toEqual([0]);
    await pipeline.dispose();
  });
});
