import { afterEach, describe, expect, it } from '@jest/globals';
import { concat, filter, map, NEVER, Observable, of } from 'rxjs';
import { createPipeline } from 'scriptorium';
import type { GenerationEvent, InterceptorDefinition, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { MemorySink } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';

const usage = { inputTokens: 7, outputTokens: 3, source: 'reported' as const };
const END = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage,
  servedFrom: 'provider',
  provider: 'mine',
  model: 'm',
} as const;
const TEXT = { type: 'text-delta', delta: 'Once' } as const;

const open: Pipeline[] = [];
afterEach(async () => {
  for (const pipeline of open.splice(0)) await pipeline.dispose();
});

interface Asked {
  requests: number;
}

/** A pipeline whose provider returns what is given, whatever that is. */
async function pipelineOver(
  answer: () => unknown,
  interceptors: readonly InterceptorDefinition[] = [],
): Promise<{ readonly pipeline: Pipeline; readonly asked: Asked; readonly sink: MemorySink }> {
  const asked: Asked = { requests: 0 };
  const sink = new MemorySink();
  const mine = definePlugin({
    name: 'mine',
    apiVersion: 1,
    setup: (host) => {
      host.addStatSink(sink);
      host.addProvider({
        id: 'mine',
        capabilities: () => ({ prefill: 'none' }),
        generate: () => {
          asked.requests += 1;
          return answer() as Observable<GenerationEvent>;
        },
      });
    },
  });
  const config = { logging: { level: 'silent' as const }, defaults: { model: 'm' }, retry: { baseMs: 1, capMs: 1 } };
  const pipeline = await createPipeline({ environment: {}, plugins: [mine], config, interceptors });
  open.push(pipeline);
  return { pipeline, asked, sink };
}

/** Emits its values, events or not, and completes. */
const emitting =
  (...values: readonly unknown[]) =>
  (): unknown =>
    of(...values);

const MALFORMED: readonly (readonly [string, unknown, string])[] = [
  ['null', null, 'null'],
  ['a string', 'end', "'end'"],
  ['an unknown type', { type: 'the-end' }, "unknown type 'the-end'"],
  ['the name of a method as its type', { type: 'constructor' }, "unknown type 'constructor'"],
  ['a text that is not a string', { type: 'text-delta', delta: 1 }, '"text-delta" without a valid "delta"'],
  ['a tool call without arguments', { type: 'tool-call', index: 0, id: 'a', name: 'f' }, '"arguments"'],
  ['an end alone', { type: 'generation-end' }, '"generation-end" without a valid "finishReason"'],
  ['an unknown finish reason', { ...END, finishReason: { unified: 'done', raw: null } }, '"finishReason"'],
  ['an end without usage', { ...END, usage: undefined }, '"usage"'],
  ['an end without model', { ...END, model: undefined }, '"model"'],
];

describe('an event of a provider that breaks the grammar', () => {
  it.each(MALFORMED)('ends the attempt with an error that names the provider, unrepeated: %s', async (...given) => {
    const [, event, reason] = given;
    const { pipeline, asked } = await pipelineOver(emitting(event));
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect({ code: error.code, requests: asked.requests, attempts: error.attempts }).toMatchObject({
      code: 'internal',
      requests: 1,
      attempts: [{ errorCode: 'internal', sent: true }],
    });
    expect(error.message).toMatch(
      /^The provider "mine" emitted .*, which is not a valid event\. See GenerationEvent\.$/,
    );
    expect(error.message).toContain(reason);
  });

  it.each(MALFORMED)('is not continued or restarted after text: %s', async (...given) => {
    const { pipeline, asked, sink } = await pipelineOver(emitting(TEXT, given[1]));
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(error).toMatchObject({ code: 'interrupted', cause: { code: 'internal' }, partial: { text: 'Once' } });
    expect(error.attempts).toMatchObject([{ errorCode: 'internal' }]);
    expect({ requests: asked.requests, stats: sink.generations.length }).toEqual({ requests: 1, stats: 1 });
  });

  it('is not restarted after a tool call either', async () => {
    const call = { type: 'tool-call', index: 0, id: 'a', name: 'f', arguments: '{}' };
    const { pipeline, asked } = await pipelineOver(emitting(TEXT, call, null));
    await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(asked.requests).toBe(1);
  });

  it('is still counted with the usage that it has', async () => {
    const { pipeline } = await pipelineOver(emitting({ ...END, finishReason: 'stop' }));
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(error.attempts).toMatchObject([{ usage: { inputTokens: 7, outputTokens: 3 } }]);
  });

  it('does not count once the end has been passed on: the answer is whole', async () => {
    for (const late of [null, TEXT, END]) {
      const { pipeline } = await pipelineOver(emitting(TEXT, END, late));
      expect(await pipeline.generate({ prompt: 'Begin.' })).toMatchObject({ text: 'Once', attempts: [{ attempt: 1 }] });
    }
  });
});

describe('a provider', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['a function', (): void => undefined],
  ])('that returns %s instead of a stream fails its attempt once', async (value, returned) => {
    const { pipeline, asked } = await pipelineOver(() => returned);
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect({ code: error.code, message: error.message, requests: asked.requests }).toEqual({
      code: 'internal',
      message: `The provider "mine" returned ${value} instead of an Observable of events.`,
      requests: 1,
    });
  });

  it('that throws, or whose subscribe function rejects, fails its attempt once', async () => {
    const broken: readonly (() => unknown)[] = [
      () => {
        throw new Error('broken');
      },
      () => new Observable((async () => Promise.reject(new Error('broken'))) as () => never),
    ];
    for (const answer of broken) {
      const { pipeline, asked } = await pipelineOver(answer);
      const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
      expect({ code: error.code, requests: asked.requests }).toEqual({ code: 'internal', requests: 1 });
      expect(error.message).toContain('broken');
    }
  });

  it('that does not complete after its end does not keep its caller waiting', async () => {
    const torn: string[] = [];
    const { pipeline } = await pipelineOver(
      () =>
        new Observable((subscriber) => {
          subscriber.next(TEXT);
          subscriber.next(END);
          return () => torn.push('down');
        }),
    );
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('Once');
    expect(torn).toEqual(['down']);
  });

  it('whose usage has impossible numbers is counted without them', async () => {
    const odd = { ...END, usage: { ...usage, costUsd: -1, cachedInputTokens: Number.NaN } };
    const { pipeline } = await pipelineOver(emitting(TEXT, odd));
    const result = await pipeline.generate({ prompt: 'Begin.' });
    expect(result.usage).toEqual(usage);
    const none = await pipelineOver(emitting(TEXT, { ...END, usage: { ...usage, outputTokens: Infinity } }));
    expect((await none.pipeline.generate({ prompt: 'Begin.' })).usage).toMatchObject({ source: 'estimated' });
  });

  it('whose metadata cannot be written as JSON keeps its answer', async () => {
    const { pipeline } = await pipelineOver(emitting(TEXT, { ...END, providerMetadata: { mine: 1n } }));
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('Once');
  });
});

describe('an interceptor', () => {
  const named = (intercept: InterceptorDefinition['intercept']): InterceptorDefinition => ({
    name: 'mine',
    phase: 'prepare',
    intercept,
  });

  it.each(MALFORMED)('that emits what is not an event fails its generation by its name: %s', async (...given) => {
    const broken = named((request, next) =>
      next(request).pipe(map((event) => (event.type === 'generation-end' ? (given[1] as GenerationEvent) : event))),
    );
    const { pipeline, asked } = await pipelineOver(emitting(TEXT, END), [broken]);
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect({ code: error.code, requests: asked.requests }).toEqual({ code: 'internal', requests: 1 });
    expect(error.message).toContain('The interceptor "mine" emitted');
    expect(error.message).toContain(given[2]);
  });

  it('that returns no stream fails its generation by its name', async () => {
    const { pipeline } = await pipelineOver(emitting(TEXT, END), [named(() => undefined as never)]);
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(error.message).toBe('The interceptor "mine" returned undefined instead of an Observable of events.');
  });

  it.each(['next', 'complete'])('fails its generation if a %s handler of its own subscription throws', async (name) => {
    const broken = named(
      (request, next) =>
        new Observable((subscriber) =>
          next(request).subscribe({
            next: (event) => subscriber.next(event.type === 'generation-end' ? TEXT : event),
            complete: () => subscriber.complete(),
            [name]: () => {
              throw new Error('in a handler');
            },
          }),
        ),
    );
    const { pipeline } = await pipelineOver(emitting(TEXT, END), [broken]);
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(error.message).toContain('in a handler');
  });

  it('fails its generation with an error that its own subscription does not handle', async () => {
    const broken = named(
      (request, next) =>
        new Observable((subscriber) =>
          next(request)
            .pipe(map((event) => event))
            .subscribe((e) => subscriber.next(e)),
        ),
    );
    const { pipeline } = await pipelineOver(emitting(null), [broken]);
    expect((await failureOf(pipeline.generate({ prompt: 'Begin.' }))).message).toContain('The provider "mine"');
  });

  it.each(['observe', 'prepare', 'attempt'] as const)(
    'that keeps the end to itself is bounded by the deadline (%s)',
    async (phase) => {
      const keeping: InterceptorDefinition = {
        name: 'mine',
        phase,
        intercept: (request, next) =>
          concat(next(request).pipe(filter(({ type }) => type !== 'generation-end')), NEVER),
      };
      const { pipeline } = await pipelineOver(emitting(TEXT, END), [keeping]);
      const error = await failureOf(pipeline.generate({ prompt: 'Begin.', deadlineMs: 20 }));
      expect(error).toMatchObject({ code: 'timeout', timer: 'deadline', partial: { text: 'Once' } });
    },
  );

  it.each(['observe', 'prepare', 'attempt'] as const)(
    'that does not complete after the end keeps the answer, which is handed over at the deadline (%s)',
    async (phase) => {
      const lasting: InterceptorDefinition = {
        name: 'mine',
        phase,
        intercept: (request, next) => concat(next(request), NEVER),
      };
      const { pipeline } = await pipelineOver(emitting(TEXT, END), [lasting]);
      expect((await pipeline.generate({ prompt: 'Begin.', deadlineMs: 20 })).text).toBe('Once');
    },
  );

  it('may emit events of its own, and forwards those of others', async () => {
    const custom = { type: 'custom', name: 'mine/note', payload: { any: 'thing' } } as const;
    const chatty = named((request, next) => new Observable((s) => (s.next(custom), next(request).subscribe(s))));
    const { pipeline } = await pipelineOver(emitting(TEXT, END), [chatty]);
    const seen: GenerationEvent[] = [];
    await pipeline.stream({ prompt: 'Begin.' }).forEach((event) => void seen.push(event));
    expect(seen.map(({ type }) => type)).toEqual(['custom', 'attempt-start', 'text-delta', 'generation-end']);
  });
});
