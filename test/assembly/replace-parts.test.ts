import { afterEach, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, from } from 'rxjs';
import { tokens } from 'scriptorium';
import type {
  Admission,
  Clock,
  DependencyContainer,
  Lease,
  LimitLease,
  LimitStore,
  LogFields,
  Logger,
  PipelineOptions,
  Random,
  RecordStat,
  Redact,
  Slots,
  Stat,
  Transport,
  UsageMeter,
  UsageSnapshot,
} from 'scriptorium';
import { ManualClock, startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { rootContainer } from '../../src/assembly/container.js';
import { eventually } from '../support/eventually.js';
import { eventsOf, failureOf, pipelineTo } from '../support/pipelines.js';
import type { TestPipelineOptions } from '../support/pipelines.js';
import { aScene, failure, success } from '../support/scene.js';
import { answers, refuses } from '../support/wire.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aPipeline(
  register: NonNullable<PipelineOptions['register']>,
  options: Omit<TestPipelineOptions, 'register'> = {},
) {
  const emulator: Emulator = await startEmulator({ words: 5 });
  closing.push(() => emulator.close());
  const pipeline = await pipelineTo(emulator.url, {}, { ...options, register });
  closing.push(() => pipeline.dispose());
  return { emulator, pipeline };
}

interface Line {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

function recordingLogger(): Logger & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const at =
    (level: keyof Logger): Logger['info'] =>
    (message, fields) =>
      void lines.push({ level, message, fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

describe('a part registered under its token replaces the built-in one', () => {
  it('CLOCK: time stamps and waits are its own', async () => {
    const clock = new ManualClock(Date.UTC(2030, 0, 1));
    const { pipeline, emulator } = await aPipeline((container) =>
      container.register(tokens.CLOCK, { useValue: clock }),
    );
    emulator.script({ status: 503 });
    const run = pipeline.start({
      prompt: 'Begin.',
      overrides: { retry: { baseMs: 60_000, capMs: 60_000, jitter: 'none' } },
    });
    await firstValueFrom(run.events.pipe(filter(({ type }) => type === 'retry-scheduled')));
    await eventually(() => clock.pending === 1);
    clock.advance(60_000);
    expect((await run.result).attempts.map(({ startedAt }) => new Date(startedAt).toISOString())).toEqual([
      '2030-01-01T00:00:00.000Z',
      '2030-01-01T00:01:00.000Z',
    ]);
    expect(pipeline.stats().startTime).toBe('2030-01-01T00:00:00.000Z');
  });

  it('RANDOM: the jitter is its own', async () => {
    const delays = async (random: number) => {
      const { pipeline } = await aScene([refuses('503 Busy'), answers('Whole.')], {
        register: (container) => container.register(tokens.RANDOM, { useValue: () => random }),
      });
      const { events } = await success(pipeline, {
        prompt: 'Begin.',
        overrides: { retry: { baseMs: 8, jitter: 'full', capMs: 100 } },
      });
      return events.flatMap((event) => (event.type === 'retry-scheduled' ? [event.delayMs] : []));
    };
    expect(await delays(0)).toEqual([0]);
    expect(await delays(0.5)).toEqual([4]);
  });

  it('LOGGER: every line goes to it, and none to stderr', async () => {
    const logger = recordingLogger();
    const { pipeline, emulator } = await aPipeline((container) =>
      container.register(tokens.LOGGER, { useValue: logger }),
    );
    emulator.script({ status: 503 }, undefined, { status: 400 });
    await pipeline.generate({ prompt: 'Begin.' });
    await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'info: generation started',
      'warn: retry scheduled',
      'info: generation finished',
      'info: generation started',
      'error: generation failed',
    ]);
  });

  it('TRANSPORT: bytes go through it alone', async () => {
    const asked: string[] = [];
    let closed = 0;
    const transport: Transport = {
      open: (request) => {
        asked.push(request.url);
        return Promise.resolve({ status: 402, headers: new Headers(), body: noBytes() });
      },
      close: () => {
        closed += 1;
      },
    };
    const { pipeline, emulator } = await aPipeline((container) =>
      container.register(tokens.TRANSPORT, { useValue: transport }),
    );
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'payment-required' });
    expect(asked).toEqual([`${emulator.url}/chat/completions`]);
    await pipeline.dispose();
    expect([emulator.requests.length, closed]).toEqual([0, 1]);
  });

  it('LIMIT_STORE: it admits', async () => {
    const asked: (readonly string[])[] = [];
    let sent = 0;
    const limits: LimitStore = {
      take: (keys) => {
        asked.push(keys.map(({ key }) => key));
        const lease: LimitLease = {
          isValid: () => true,
          sent: () => {
            sent += 1;
          },
          release: () => undefined,
          settle: () => undefined,
        };
        return Promise.resolve(asked.length === 1 ? { reason: 'rate-limit', retryInMs: 1 } : lease);
      },
      pause: () => undefined,
    };
    const { pipeline } = await aPipeline((container) => container.register(tokens.LIMIT_STORE, { useValue: limits }));
    const events = await eventsOf(pipeline, { prompt: 'Begin.', model: 'a/model:free' });
    expect(events[0]).toMatchObject({ type: 'waiting', for: 'rate-limit' });
    const keys = [expect.stringMatching(/^openrouter\/[0-9a-f]{12}\/free$/)];
    expect(asked).toEqual([keys, keys]);
    expect(sent).toBe(1);
  });

  it('SLOTS: they are asked although concurrency.max is 0', async () => {
    const asked: string[] = [];
    let released = 0;
    const slots: Slots = {
      acquire: (key) => {
        asked.push(key);
        const release = (): void => {
          released += 1;
        };
        return from<Admission<Lease>[]>([
          { type: 'waiting', for: 'slot' },
          { type: 'admitted', lease: { isValid: () => true, release } },
        ]);
      },
    };
    const { pipeline } = await aPipeline((container) => container.register(tokens.SLOTS, { useValue: slots }));
    const events = await eventsOf(pipeline);
    expect([events[0], asked, released]).toEqual([{ type: 'waiting', for: 'slot' }, ['openrouter'], 1]);
  });

  it('RECORD_STAT: stats go to it, in place of every sink', async () => {
    const stats: Stat[] = [];
    const { pipeline } = await aPipeline((container) =>
      container.register(tokens.RECORD_STAT, { useValue: (stat: Stat) => void stats.push(stat) }),
    );
    await pipeline.generate({ prompt: 'Begin.' });
    expect(stats.map(({ type }) => type)).toEqual(['attempt-end', 'generation-end']);
    expect(pipeline.stats().requests).toBe(0);
  });

  it('USAGE_STATS: the pipeline shows its figures, and it is reset and closed', async () => {
    const calls: string[] = [];
    const figures = { requests: 7 } as UsageSnapshot;
    const meter: UsageMeter = {
      name: 'mine',
      record: ({ type }) => void calls.push(type),
      snapshot: () => figures,
      snapshots$: from([figures]),
      reset: () => void calls.push('reset'),
      close: () => Promise.resolve(void calls.push('closed')),
    };
    const { pipeline } = await aPipeline((container) => container.register(tokens.USAGE_STATS, { useValue: meter }));
    await pipeline.generate({ prompt: 'Begin.' });
    pipeline.resetStats();
    expect([pipeline.stats(), await firstValueFrom(pipeline.stats$)]).toEqual([figures, figures]);
    await pipeline.dispose();
    expect(calls).toEqual(['attempt-end', 'generation-end', 'reset', 'closed']);
  });

  it('every part has a type that an application can name', async () => {
    const lease: LimitLease = {
      isValid: () => true,
      sent: () => undefined,
      release: () => undefined,
      settle: () => undefined,
    };
    const redact: Redact = (line) => line.replaceAll('Ada', 'A.');
    const parts: { clock: Clock; random: Random; record: RecordStat; limits: LimitStore } = {
      clock: new ManualClock(),
      random: () => 0,
      record: () => undefined,
      limits: { take: () => lease, pause: () => undefined },
    };
    const replace = (container: DependencyContainer): void => {
      container
        .register(tokens.CLOCK, { useValue: parts.clock })
        .register(tokens.RANDOM, { useValue: parts.random })
        .register(tokens.RECORD_STAT, { useValue: parts.record });
      container.register(tokens.LIMIT_STORE, { useValue: parts.limits }).register(tokens.REDACT, { useValue: redact });
    };
    const { pipeline } = await aPipeline(replace);
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
  });

  it('a built-in interceptor: replaced by another one, or by one that does nothing', async () => {
    const { pipeline, emulator } = await aPipeline(
      (container) => {
        container.register(tokens.RETRY_INTERCEPTOR, {
          useValue: { name: 'never-retry', phase: 'recover', intercept: (request, next) => next(request) },
        });
      },
      { isBare: true },
    );
    emulator.script({ status: 503 });
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'overloaded' });
    expect(pipeline.describe().map(({ name }) => name)).toEqual([
      'metrics',
      'deadline',
      'cache',
      'length-continuation',
      'resume',
      'routing',
      'fallback',
      'never-retry',
      'admission',
      'attempt-stats',
      'timeouts',
    ]);
    expect(emulator.requests).toHaveLength(1);
  });

  it('and is passed to its dependants, whether registered by value, factory or class', async () => {
    const seen: unknown[] = [];
    class Counting {
      now = () => 5;
      monotonic = () => 5;
      setTimer = () => () => undefined;
    }
    const { pipeline } = await aPipeline((container) => {
      container.register(tokens.CLOCK, { useClass: Counting });
      container.register(tokens.METRICS_INTERCEPTOR, {
        useFactory: (c) => ({
          name: 'mine',
          phase: 'observe',
          intercept: (request, next) => {
            seen.push(c.resolve(tokens.CLOCK).now(), c.resolve(tokens.CONFIG).retry.baseMs);
            return next(request);
          },
        }),
      });
    });
    const result = await pipeline.generate({ prompt: 'Begin.' });
    expect(seen).toEqual([5, 1]);
    expect(result.attempts[0]!.startedAt).toBe(5);
  });
});

describe('two pipelines', () => {
  it('do not touch each other, nor the global container', async () => {
    const one = await aPipeline((container) =>
      container.register(tokens.RETRY_INTERCEPTOR, {
        useValue: { name: 'none', phase: 'recover', intercept: (request, next) => next(request) },
      }),
    );
    const two = await aPipeline(() => undefined);
    one.emulator.script({ status: 503 });
    two.emulator.script({ status: 503 });
    expect(await failureOf(one.pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'overloaded' });
    expect((await two.pipeline.generate({ prompt: 'Begin.' })).attempts).toHaveLength(2);
    expect([one.pipeline.stats(), two.pipeline.stats()].map(({ successful, failed }) => [successful, failed])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(
      [tokens.CLOCK, tokens.CONFIG, tokens.LOGGER, tokens.TRANSPORT, tokens.INTERCEPTOR, tokens.RETRY_INTERCEPTOR].some(
        (token) => rootContainer.isRegistered(token as symbol),
      ),
    ).toBe(false);
  });

  it('end separately: the other continues', async () => {
    const one = await aPipeline(() => undefined);
    const two = await aPipeline(() => undefined);
    const run = two.pipeline.start({ prompt: 'Begin.' });
    await one.pipeline.dispose();
    expect((await run.result).finishReason.unified).toBe('stop');
    expect(await failureOf(one.pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'aborted' });
  });
});

describe('a registration that cannot work', () => {
  it('fails the pipeline with a configuration error that keeps the cause', async () => {
    const work = pipelineTo(
      'http://127.0.0.1:1',
      {},
      {
        register: (container) =>
          container.register(tokens.LIMIT_STORE, {
            useFactory: () => {
              throw new Error('no redis');
            },
          }),
      },
    );
    expect(await failureOf(work)).toMatchObject({
      code: 'configuration',
      message: 'The pipeline cannot be put together: no redis',
    });
  });

  it('is found before the first generation', async () => {
    const { pipeline } = await aScene([answers('Whole.')]);
    expect((await success(pipeline)).text).toBe('Whole.');
    const { error } = await failure(pipeline, { prompt: 'x', provider: 'nobody' });
    expect(error.message).toBe('No provider "nobody"; known: openrouter.');
  });
});

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous, even when there is none
async function* noBytes(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}
