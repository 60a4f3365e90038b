import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'scriptorium';
import type { ConfigInput, GenerationEvent } from 'scriptorium';
import type { Serve, World } from 'scriptorium/testing';
import { failure, success } from '../support/scene.js';
import {
  begins,
  inScene,
  inWorld,
  LATENCY_MS,
  replies,
  silent,
  simulatedServer,
  streams,
} from '../support/simulated-scene.js';
import type { SimulatedScene } from '../support/simulated-scene.js';
import { until } from '../support/simulated-writer.js';
import { delta } from '../support/wire.js';

const GOOD = streams('Once upon a time.');
const DOWN = replies(503);
const STALLED = begins(delta('Once '));
const COMPLETION = replies(200, { choices: [{ message: { content: 'Whole.' }, finish_reason: 'stop' }] });
const many = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));
const waitsFor = (events: readonly GenerationEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'waiting' ? [event.for] : []));

describe('a breaker that opens while a hundred wait in a queue', () => {
  const CROWDED: ConfigInput = {
    concurrency: { max: 5 },
    breaker: { minimumCalls: 5, openMs: 200, longestOpenMs: 200 },
    rateLimit: { requestsPerMinute: 1_000 },
  };

  it(
    '108: without another route all wait for the probe, give slots and tokens back, and are answered',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [DOWN, DOWN, DOWN, DOWN, DOWN, GOOD], config: CROWDED },
        async ({ pipeline, server }) => {
          const runs = await many(100, () => success(pipeline));
          expect(runs.every(({ text }) => text === 'Once upon a time.')).toBe(true);
          // Who had a slot when the breaker opened had already sent.
          expect(server.requests.length).toBeLessThanOrEqual(110);
          expect(runs.filter(({ events }) => waitsFor(events).includes('breaker')).length).toBeGreaterThanOrEqual(90);
          expect(Math.max(...runs.map(({ tries }) => tries.length))).toBeLessThanOrEqual(2);
          expect(
            Math.max(...server.arrivals.slice(1).map((at, index) => at - server.arrivals[index]!)),
          ).toBeGreaterThanOrEqual(200);
        },
      ),
    ),
  );

  it(
    '108: with another route all go there at once',
    inWorld((world) => {
      const second = simulatedServer(world, [GOOD], 'second.test');
      const config: ConfigInput = {
        ...CROWDED,
        breaker: { ...CROWDED.breaker, openMs: 60_000, longestOpenMs: 60_000 },
        routes: [{ provider: 'second' }],
      };
      return inScene(world, { scripts: [DOWN], config, second }, async ({ pipeline, server }) => {
        const runs = await many(100, () => success(pipeline));
        expect(runs.flatMap(({ events }) => waitsFor(events)).filter((what) => what === 'breaker')).toEqual([]);
        expect(runs.every(({ end }) => end.provider === 'second')).toBe(true);
        expect({ first: server.requests.length <= 10, second: second.requests.length }).toEqual({
          first: true,
          second: 100,
        });
      });
    }),
  );
});

describe('the probe of a breaker', () => {
  /** A test with a breaker that has just opened. */
  const opened = (
    scripts: readonly Serve[],
    work: (scene: SimulatedScene, world: World) => Promise<void>,
    config: ConfigInput = {},
  ): (() => Promise<void>) =>
    inWorld((world) =>
      inScene(
        world,
        {
          scripts: [DOWN, DOWN, ...scripts],
          config: { breaker: { minimumCalls: 2, openMs: 30, longestOpenMs: 30 }, retry: { maxAttempts: 1 }, ...config },
        },
        async (scene) => {
          await many(2, () => failure(scene.pipeline));
          await work(scene, world);
        },
      ),
    );

  it(
    '109: that is aborted lets the next one through',
    opened([silent, GOOD], async ({ pipeline, server }, world) => {
      const subscription = pipeline.stream({ prompt: 'Begin.' }).subscribe();
      await until(world, () => server.requests.length === 3);
      const next = success(pipeline);
      subscription.unsubscribe();
      expect((await next).tries).toEqual(['ok']);
      expect(server.requests).toHaveLength(4);
    }),
  );

  it(
    '109: that hangs lets the next one through when its lease is over',
    opened(
      [silent, COMPLETION],
      async ({ pipeline, server }, world) => {
        const hanging = pipeline.stream({ prompt: 'Begin.' }).subscribe();
        await until(world, () => server.requests.length === 3);
        const { text, events } = await success(pipeline);
        expect({ text, waits: waitsFor(events) }).toEqual({ text: 'Whole.', waits: ['breaker'] });
        expect(server.arrivals[3]! - server.arrivals[2]!).toBeGreaterThanOrEqual(100);
        hanging.unsubscribe();
      },
      { timeouts: { firstTokenMs: 100 }, defaults: { wire: 'json' } },
    ),
  );

  it(
    '109: that is refused with a 4xx says nothing of the server and lets the next one through',
    opened([replies(400), GOOD], async ({ pipeline }) => {
      const [refused, next] = await Promise.all([failure(pipeline), success(pipeline)]);
      expect([refused.tries, next.tries]).toEqual([['bad-request'], ['ok']]);
    }),
  );

  it(
    '109: that fails keeps it shut for longer',
    opened([DOWN, GOOD], async ({ pipeline, server }) => {
      const { tries } = await success(pipeline, { prompt: 'Begin.', overrides: { retry: { maxAttempts: 2 } } });
      expect(tries).toEqual(['overloaded', 'ok']);
      expect(server.arrivals[3]! - server.arrivals[2]!).toBeGreaterThanOrEqual(30);
    }),
  );

  it(
    '109: succeeds with its first content, before its end',
    opened([STALLED, GOOD], async ({ pipeline, server }, world) => {
      const probe = pipeline.text({ prompt: 'Begin.' }).subscribe();
      await until(world, () => server.requests.length === 3);
      expect((await success(pipeline)).tries).toEqual(['ok']);
      probe.unsubscribe();
    }),
  );
});

describe('a retry budget that is empty', () => {
  const POOR = { capacity: 14, retryCost: 14, refillPerSecond: 100 };
  const EMPTY = { ...POOR, refillPerSecond: 0.001 };

  it(
    '111: makes retries wait for its refill, and says so',
    inWorld((world) => {
      const config = { retry: { maxAttempts: 4, budget: POOR } };
      return inScene(world, { scripts: [DOWN, DOWN, DOWN, GOOD], config }, async ({ pipeline, server }) => {
        const { events, tries } = await success(pipeline);
        expect(tries).toEqual(['overloaded', 'overloaded', 'overloaded', 'ok']);
        expect(waitsFor(events)).toEqual(['retry-budget', 'retry-budget']);
        expect(server.arrivals[3]! - server.arrivals[1]!).toBeGreaterThanOrEqual(270);
      });
    }),
  );

  it(
    '111: does not make a first attempt wait',
    inWorld((world) => {
      const config = { retry: { maxAttempts: 2, budget: EMPTY } };
      return inScene(world, { scripts: [DOWN, DOWN, DOWN, DOWN, GOOD], config }, async ({ pipeline }) => {
        await failure(pipeline);
        await failure(pipeline, { prompt: 'Begin.', deadlineMs: 50 });
        const { events } = await failure(pipeline, { prompt: 'Begin.', overrides: { retry: { maxAttempts: 1 } } });
        expect(waitsFor(events)).toEqual([]);
      });
    }),
  );

  it(
    '111: that does not fill up in time ends with the deadline',
    inWorld((world) => {
      const config = { retry: { maxAttempts: 4, budget: EMPTY } };
      return inScene(world, { scripts: [DOWN], config }, async ({ pipeline, process }) => {
        const { error, tries } = await failure(pipeline, { prompt: 'Begin.', deadlineMs: 80 });
        expect(error).toBeInstanceOf(TimeoutError);
        expect(error).toMatchObject({ timer: 'deadline' });
        expect({ tries, timers: process.timers }).toEqual({ tries: ['overloaded', 'overloaded'], timers: 0 });
        expect(world.elapsedMs).toBe(80);
      });
    }),
  );

  it(
    '111: gets back what a success has cost',
    inWorld((world) => {
      const config = { retry: { maxAttempts: 4, budget: EMPTY } };
      return inScene(world, { scripts: [DOWN, GOOD, DOWN, GOOD], config }, async ({ pipeline }) => {
        for (let call = 0; call < 2; call += 1) expect(waitsFor((await success(pipeline)).events)).toEqual([]);
      });
    }),
  );
});

describe('a deadline', () => {
  const UP_TO = { prompt: 'Begin.', deadlineMs: 60 };

  interface Ending {
    /** Generations that are under way before. */
    readonly before: number;
    readonly code: string;
    readonly tookMs: number;
  }

  it.each([
    ['in a queue', [GOOD], { rateLimit: { minIntervalMs: 60_000 } }, { before: 1, code: 'timeout', tookMs: 60 }],
    ['in a queue for a slot', [STALLED], { concurrency: { max: 1 } }, { before: 1, code: 'timeout', tookMs: 60 }],
    [
      'in a backoff',
      [DOWN],
      { retry: { baseMs: 50, capMs: 60_000, jitter: 'none' } },
      { before: 0, code: 'overloaded', tookMs: 20 },
    ],
    ['in the body', [STALLED], {}, { before: 0, code: 'timeout', tookMs: 60 }],
    ['before the headers', [silent], {}, { before: 0, code: 'timeout', tookMs: 60 }],
  ] as readonly [string, readonly Serve[], ConfigInput, Ending][])(
    '104: that runs out %s is one error, and all is released',
    async (...[, scripts, config, { before, code, tookMs }]) => {
      await inWorld((world) =>
        inScene(world, { scripts, config }, async ({ pipeline, process, server }) => {
          const earlier = Array.from({ length: before }, () => pipeline.stream({ prompt: 'Begin.' }).subscribe());
          await until(world, () => server.requests.length === before);
          const startedAt = world.elapsedMs;
          const { error } = await failure(pipeline, UP_TO);
          expect({ code: error.code, tookMs: world.elapsedMs - startedAt }).toEqual({ code, tookMs });
          for (const subscription of earlier) subscription.unsubscribe();
          expect(process.timers).toBe(0);
        }),
      )();
    },
  );

  it(
    '104: that runs out in the body keeps what had been written',
    inWorld((world) =>
      inScene(world, { scripts: [STALLED] }, async ({ pipeline, server }) => {
        const { error, text } = await failure(pipeline, UP_TO);
        expect(error).toBeInstanceOf(TimeoutError);
        expect(error).toMatchObject({ timer: 'deadline', partial: { text: 'Once ' } });
        expect(text).toBe('Once ');
        await world.sleep(LATENCY_MS);
        expect(server.openConnections()).toBe(0);
      }),
    ),
  );

  it(
    '104: that a backoff would overrun fails at once, with what went wrong',
    inWorld((world) => {
      const config: ConfigInput = { retry: { baseMs: 60_000, capMs: 60_000, jitter: 'none' } };
      return inScene(world, { scripts: [DOWN], config }, async ({ pipeline, server }) => {
        const { error } = await failure(pipeline, { prompt: 'Begin.', deadlineMs: 10_000 });
        expect({ code: error.code, requests: server.requests.length }).toEqual({ code: 'overloaded', requests: 1 });
        // The connection, the request and the answer.
        expect(world.elapsedMs).toBe(4 * LATENCY_MS);
      });
    }),
  );
});
