import { afterEach, describe, expect, it } from '@jest/globals';
import { first, firstValueFrom, lastValueFrom, map, of, takeWhile, toArray } from 'rxjs';
import { tokens } from '../../src/index.js';
import { GenerationError, InterruptedError } from 'scriptorium';
import type { InterceptorDefinition, ObservedEvent, Pipeline } from 'scriptorium';
import { MemorySink, startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { failureOf, pipelineTo } from '../support/pipelines.js';

const open: { dispose?(): Promise<void>; close?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.dispose?.() ?? one.close?.());
});

async function scene(
  interceptors: readonly InterceptorDefinition[] = [],
  options: EmulatorOptions = {},
): Promise<{ emulator: Emulator; pipeline: Pipeline; sink: MemorySink }> {
  const emulator = await startEmulator(options);
  const sink = new MemorySink();
  const pipeline = await pipelineTo(
    emulator.url,
    { defaults: { model: 'scriptorium/exact' } },
    { isBare: true, interceptors, register: (container) => container.register(tokens.STAT_SINK, { useValue: sink }) },
  );
  open.push(emulator, pipeline);
  return { emulator, pipeline, sink };
}

const interceptor = (intercept: InterceptorDefinition['intercept']): InterceptorDefinition => ({
  name: 'mine',
  phase: 'prepare',
  intercept,
});
const prompt = 'Begin.';

describe('a stream that an interceptor cuts off', () => {
  it('is no success: it fails by the name of the interceptor, with what had come', async () => {
    const { pipeline } = await scene([
      interceptor((request, next) => next(request).pipe(takeWhile(({ type }) => type !== 'generation-end'))),
    ]);
    const error = await failureOf(pipeline.generate({ prompt }));
    expect(error).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('The interceptor "mine" completed its stream without generation-end') as unknown,
      partial: { text: expect.stringMatching(/./) as unknown },
    });
    expect((await failureOf(lastValueFrom(pipeline.text({ prompt })))).code).toBe('internal');
    expect(pipeline.stats()).toMatchObject({ successful: 0, failed: 2 });
  });

  it('hears nothing of what comes after the end', async () => {
    const { pipeline } = await scene([interceptor((request, next) => next(request).pipe(map((event) => event)))]);
    const late = interceptor(() =>
      of(
        { type: 'text-delta', delta: 'a' } as const,
        {
          type: 'generation-end',
          finishReason: { unified: 'stop', raw: 'stop' },
          usage: { inputTokens: 1, outputTokens: 1, source: 'reported' },
          servedFrom: 'provider',
          provider: 'p',
          model: 'm',
        } as const,
        { type: 'text-delta', delta: 'LATE' } as const,
      ),
    );
    expect(pipeline.describe().some(({ name }) => name === 'mine')).toBe(true);
    const other = await scene([late]);
    expect((await other.pipeline.generate({ prompt })).text).toBe('a');
  });
});

describe('how a generation is counted', () => {
  it('is as a success when the caller leaves in answer to its end', async () => {
    const { pipeline } = await scene();
    await firstValueFrom(pipeline.stream({ prompt }).pipe(first(({ type }) => type === 'generation-end')));
    expect(pipeline.stats()).toMatchObject({ successful: 1, cancelled: 0 });
  });

  it('is not at all once the pipeline is disposed', async () => {
    const { pipeline, sink } = await scene();
    await pipeline.dispose();
    expect((await failureOf(pipeline.generate({ prompt }))).code).toBe('aborted');
    expect(sink.stats).toEqual([]);
  });

  it('has the labels that an interceptor added', async () => {
    const { pipeline, sink } = await scene([
      interceptor((request, next) => next({ ...request, labels: { ...request.labels, book: 'ada' } })),
    ]);
    await pipeline.generate({ prompt, labels: { chapter: '1' } });
    expect([sink.attempts[0]?.labels, sink.generations[0]?.labels]).toEqual([
      { chapter: '1', book: 'ada' },
      { chapter: '1', book: 'ada' },
    ]);
  });

  it('is as never sent where the request could not even be written', async () => {
    const { emulator, pipeline } = await scene();
    const trace = {
      toJSON: () => {
        throw new Error('not to be written');
      },
    };
    expect((await failureOf(pipeline.generate({ prompt, providerOptions: { openrouter: { trace } } }))).code).toBe(
      'internal',
    );
    expect(emulator.requests).toHaveLength(0);
    expect(pipeline.stats()).toMatchObject({
      attempts: 1,
      attemptsBySource: { unsent: 1, unmeasured: 0 },
      cost: { unmeasuredAttempts: 0 },
    });
  });
});

describe('those who watch all generations', () => {
  it('are told of a failure and of a cancellation', async () => {
    const { emulator, pipeline } = await scene([], { tokensPerSecond: 50 });
    const seen: ObservedEvent['event']['type'][] = [];
    pipeline.generations$.subscribe(({ event }) => seen.push(event.type));
    emulator.script({ status: 400 });
    await failureOf(pipeline.generate({ prompt }));
    await firstValueFrom(pipeline.text({ prompt }));
    expect(seen.filter((type) => type.startsWith('generation-'))).toEqual([
      'generation-failed',
      'generation-cancelled',
    ]);
  });
});

describe('an error that several generations throw', () => {
  it.each([false, true])('tells each its own story (frozen: %s)', async (isFrozen) => {
    const shared = new GenerationError('content-filter', 'not here');
    if (isFrozen) Object.freeze(shared);
    const { pipeline } = await scene([
      interceptor(() => {
        throw shared;
      }),
    ]);
    const [one, two] = [await failureOf(pipeline.generate({ prompt })), await failureOf(pipeline.generate({ prompt }))];
    expect(one.generationId).not.toBe(two.generationId);
    expect(shared.generationId).toBeUndefined();
  });
});

describe('an interruption', () => {
  it('has a partial even where an interceptor held the text back', async () => {
    const { emulator, pipeline } = await scene([
      interceptor((request, next) =>
        next(request).pipe(
          map((event) =>
            event.type === 'text-delta'
              ? ({ type: 'custom', name: 'mine/held', payload: event.delta } as const)
              : event,
          ),
        ),
      ),
    ]);
    emulator.script({ reset: { afterDeltas: 3 } });
    const error = await failureOf(
      lastValueFrom(pipeline.stream({ prompt, overrides: { continuity: { onBreak: 'fail' } } }).pipe(toArray())),
    );
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.partial).toMatchObject({ text: '' });
  });
});
