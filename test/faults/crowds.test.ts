import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'scriptorium';
import type { ConfigInput, GenerationEvent } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { eventually } from '../support/eventually.js';
import { CANARY } from '../support/pipelines.js';
import { aScene, failure, success } from '../support/scene.js';
import type { Scene } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, chunk, delta, refuses, SSE_HEAD, whole } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const DOWN = refuses('503 Service Unavailable');
const SILENT: readonly Step[] = [{ request: true }, { stall: true }];
const COMPLETION = [
  { request: true } as const,
  { write: whole(JSON.stringify({ choices: [{ message: { content: 'Whole.' }, finish_reason: 'stop' }] })) },
];
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

  it('108: without another route all wait for the probe, give slots and tokens back, and are answered', async () => {
    const { pipeline, server } = await aScene([DOWN, DOWN, DOWN, DOWN, DOWN, GOOD], { config: CROWDED });
    const courses = await many(100, () => success(pipeline));
    expect(courses.every(({ text }) => text === 'Once upon a time.')).toBe(true);
    // Who had a slot when the breaker opened had already sent.
    expect(server.requests.length).toBeLessThanOrEqual(110);
    expect(courses.filter(({ events }) => waitsFor(events).includes('breaker')).length).toBeGreaterThanOrEqual(90);
    expect(Math.max(...courses.map(({ tries }) => tries.length))).toBeLessThanOrEqual(2);
    expect(
      Math.max(...server.arrivals.slice(1).map((at, index) => at - server.arrivals[index]!)),
    ).toBeGreaterThanOrEqual(100);
  });

  it('108: with another route all go there at once', async () => {
    const other = await aScene([GOOD]);
    const { pipeline, server } = await aScene([DOWN], {
      plugins: [openrouter({ id: 'second', apiKey: CANARY, baseUrl: other.server.url })],
      config: {
        ...CROWDED,
        breaker: { ...CROWDED.breaker, openMs: 60_000, longestOpenMs: 60_000 },
        routes: [{ provider: 'second' }],
      },
    });
    const courses = await many(100, () => success(pipeline));
    expect(courses.flatMap(({ events }) => waitsFor(events)).filter((what) => what === 'breaker')).toEqual([]);
    expect(courses.every(({ end }) => end.provider === 'second')).toBe(true);
    expect({ first: server.requests.length <= 10, second: other.server.requests.length }).toEqual({
      first: true,
      second: 100,
    });
    await pipeline.dispose();
  });
});

describe('the probe of a breaker', () => {
  /** A scene whose breaker has just opened. */
  async function opened(scripts: readonly (readonly Step[])[], config: ConfigInput = {}): Promise<Scene> {
    const scene = await aScene([DOWN, DOWN, ...scripts], {
      config: { breaker: { minimumCalls: 2, openMs: 30, longestOpenMs: 30 }, retry: { maxAttempts: 1 }, ...config },
    });
    await many(2, () => failure(scene.pipeline));
    return scene;
  }

  it('109: that is aborted lets the next one through', async () => {
    const scene = await opened([SILENT, GOOD]);
    const subscription = scene.pipeline.stream({ prompt: 'Begin.' }).subscribe();
    await eventually(() => scene.server.requests.length === 3);
    const next = success(scene.pipeline);
    subscription.unsubscribe();
    expect((await next).tries).toEqual(['ok']);
    expect(scene.server.requests).toHaveLength(4);
  });

  it('109: that hangs lets the next one through when its lease is over', async () => {
    const scene = await opened([SILENT, COMPLETION], { timeouts: { firstTokenMs: 100 }, defaults: { wire: 'json' } });
    const hanging = scene.pipeline.stream({ prompt: 'Begin.' }).subscribe();
    await eventually(() => scene.server.requests.length === 3);
    const { text, events } = await success(scene.pipeline);
    expect({ text, waits: waitsFor(events) }).toEqual({ text: 'Whole.', waits: ['breaker'] });
    expect(scene.server.arrivals[3]! - scene.server.arrivals[2]!).toBeGreaterThanOrEqual(90);
    hanging.unsubscribe();
  });

  it('109: that is refused with a 4xx says nothing of the server and lets the next one through', async () => {
    const scene = await opened([refuses('400 Bad Request'), GOOD]);
    const [refused, next] = await Promise.all([failure(scene.pipeline), success(scene.pipeline)]);
    expect([refused.tries, next.tries]).toEqual([['bad-request'], ['ok']]);
  });

  it('109: that fails keeps it shut for longer', async () => {
    const scene = await opened([DOWN, GOOD]);
    expect(
      (await success(scene.pipeline, { prompt: 'Begin.', overrides: { retry: { maxAttempts: 2 } } })).tries,
    ).toEqual(['overloaded', 'ok']);
    expect(scene.server.arrivals[3]! - scene.server.arrivals[2]!).toBeGreaterThanOrEqual(29);
  });

  it('109: succeeds with its first content, before its end', async () => {
    const scene = await opened([
      [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }],
      GOOD,
    ]);
    const probe = scene.pipeline.text({ prompt: 'Begin.' }).subscribe();
    await eventually(() => scene.server.requests.length === 3);
    expect((await success(scene.pipeline)).tries).toEqual(['ok']);
    probe.unsubscribe();
  });
});

describe('a retry budget that is empty', () => {
  const POOR = { capacity: 14, retryCost: 14, refillPerSecond: 100 };
  const EMPTY = { ...POOR, refillPerSecond: 0.001 };

  it('111: makes retries wait for its refill, and says so', async () => {
    const { pipeline, server } = await aScene([DOWN, DOWN, DOWN, GOOD], {
      config: { retry: { maxAttempts: 4, budget: POOR } },
    });
    const { events, tries } = await success(pipeline);
    expect(tries).toEqual(['overloaded', 'overloaded', 'overloaded', 'ok']);
    expect(waitsFor(events)).toEqual(['retry-budget', 'retry-budget']);
    expect(server.arrivals[3]! - server.arrivals[1]!).toBeGreaterThanOrEqual(270);
  });

  it('111: does not make a first attempt wait', async () => {
    const { pipeline } = await aScene([DOWN, DOWN, DOWN, DOWN, GOOD], {
      config: { retry: { maxAttempts: 2, budget: EMPTY } },
    });
    await failure(pipeline);
    await failure(pipeline, { prompt: 'Begin.', deadlineMs: 50 });
    const { events } = await failure(pipeline, { prompt: 'Begin.', overrides: { retry: { maxAttempts: 1 } } });
    expect(waitsFor(events)).toEqual([]);
  });

  it('111: that does not fill up in time ends with the deadline', async () => {
    const { pipeline, clock } = await aScene([DOWN], {
      config: { retry: { maxAttempts: 4, budget: EMPTY } },
    });
    const { error, tries } = await failure(pipeline, { prompt: 'Begin.', deadlineMs: 80 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timer: 'deadline' });
    expect({ tries, pending: clock.pending }).toEqual({ tries: ['overloaded', 'overloaded'], pending: 0 });
  });

  it('111: gets back what a success has cost', async () => {
    const { pipeline } = await aScene([DOWN, GOOD, DOWN, GOOD], {
      config: { retry: { maxAttempts: 4, budget: EMPTY } },
    });
    for (let call = 0; call < 2; call += 1) expect(waitsFor((await success(pipeline)).events)).toEqual([]);
  });
});

describe('a deadline', () => {
  const UP_TO: { readonly prompt: string; readonly deadlineMs: number } = { prompt: 'Begin.', deadlineMs: 60 };

  it.each([
    ['in a queue', [GOOD], { rateLimit: { minIntervalMs: 60_000 } }, 1],
    [
      'in a queue for a slot',
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }] as const],
      { concurrency: { max: 1 } },
      1,
    ],
    ['in a backoff', [DOWN], { retry: { baseMs: 50, capMs: 60_000, jitter: 'none' } }, 0],
    [
      'in the body',
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }] as const],
      {},
      0,
    ],
    ['before the headers', [SILENT], {}, 0],
  ] as readonly [string, readonly (readonly Step[])[], ConfigInput, number][])(
    '104: that runs out %s is one error, and all is released',
    async (...[, scripts, config, before]) => {
      const { pipeline, clock, server } = await aScene(scripts, { config });
      const earlier = Array.from({ length: before }, () => pipeline.stream({ prompt: 'Begin.' }).subscribe());
      await eventually(() => server.requests.length === before);
      const startedAt = performance.now();
      const { error } = await failure(pipeline, UP_TO);
      expect(['timeout', 'retry-exhausted', 'overloaded']).toContain(error.code);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      for (const subscription of earlier) subscription.unsubscribe();
      await eventually(() => clock.pending === 0 || (before === 1 && clock.pending <= 1));
    },
  );

  it('104: that runs out in the body keeps what had been written', async () => {
    const { pipeline, server } = await aScene([
      [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }],
    ]);
    const { error, text } = await failure(pipeline, UP_TO);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timer: 'deadline', partial: { text: 'Once ' } });
    expect(text).toBe('Once ');
    await eventually(() => server.openSockets() === 0);
  });

  it('104: that a backoff would overrun fails at once, with what went wrong', async () => {
    const { pipeline, server } = await aScene([DOWN], {
      config: { retry: { baseMs: 60_000, capMs: 60_000, jitter: 'none' } },
    });
    const startedAt = performance.now();
    const { error } = await failure(pipeline, { prompt: 'Begin.', deadlineMs: 10_000 });
    expect({ code: error.code, requests: server.requests.length }).toEqual({ code: 'overloaded', requests: 1 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
