import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { aScene, interruption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { steadyServer } from '../support/steady-server.js';
import { answers, chunk, delta, DONE, finish, LAST_CHUNK, refuses, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const HOUR_MS = 3_600_000;
const words = Array.from({ length: 10 }, (_, index) => `word ${index} `);
const PACED: readonly Step[] = [
  { request: true },
  { write: SSE_HEAD },
  ...words.flatMap((word) => [{ write: chunk(delta(word)) }, { wait: 15 }]),
  { write: chunk(finish() + DONE) + LAST_CHUNK },
];
const TIGHT = {
  timeouts: { connectMs: 150, headersMs: 150, firstTokenMs: 150, idleMs: 150, contentIdleMs: 150, attemptMs: 2_000 },
  retry: { maxAttempts: 1 },
};

describe('the clock on the wall', () => {
  it.each([HOUR_MS, -HOUR_MS])('105: set by %d ms in the middle of a stream makes no timer fire', async (byMs) => {
    const clock = new CountingClock();
    const { pipeline } = await aScene([PACED], { clock, config: TIGHT });
    const work = success(pipeline, { prompt: 'Begin.', deadlineMs: 2_000 });
    setTimeout(() => clock.setWall(byMs), 60);
    const { text, end } = await work;
    expect(text).toBe(words.join(''));
    expect(end.attempts?.[0]?.latencyMs).toBeLessThan(2_000);
  });

  it.each([HOUR_MS, -HOUR_MS])(
    '105: set by %d ms in a backoff and in a queue makes neither longer nor shorter',
    async (byMs) => {
      const clock = new CountingClock();
      const { pipeline, server } = await aScene([refuses('503 Service Unavailable'), GOOD], {
        clock,
        config: { retry: { baseMs: 80, jitter: 'none', capMs: 80 }, rateLimit: { minIntervalMs: 500 } },
      });
      const work = success(pipeline);
      await eventually(() => server.requests.length === 1);
      clock.setWall(byMs);
      await work;
      const gapMs = server.arrivals[1]! - server.arrivals[0]!;
      expect(gapMs).toBeGreaterThanOrEqual(400);
      expect(gapMs).toBeLessThan(5_000);
    },
  );
});

describe('an event loop that stands still', () => {
  it('106: for longer than any timer of the stream, while the answer goes on, makes none of them fire', async () => {
    const steady = await steadyServer([...words.map((word) => delta(word)), finish() + DONE]);
    const { pipeline } = await aScene([GOOD], {
      config: {
        ...TIGHT,
        timeouts: { ...TIGHT.timeouts, idleMs: 60, contentIdleMs: 60, firstTokenMs: 60 },
        plugins: { openrouter: { baseUrl: steady.url } },
      },
    });
    const texts: string[] = [];
    await new Promise<void>((resolve, reject) => {
      pipeline.text({ prompt: 'Begin.' }).subscribe({
        next: (text) => {
          texts.push(text);
          if (texts.length === 2) for (const end = performance.now() + 130; performance.now() < end;);
        },
        error: reject,
        complete: resolve,
      });
    });
    expect(texts.join('')).toBe(words.join(''));
    await pipeline.dispose();
    await steady.close();
  });
});

describe('a machine that sleeps', () => {
  it('107: in the middle of a stream that is dead when it wakes, is one timeout', async () => {
    const clock = new CountingClock();
    const { pipeline, server } = await aScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }], GOOD],
      { clock, config: { timeouts: { idleMs: 100 } } },
    );
    const work = interruption(pipeline);
    await eventually(() => server.requests.length === 1);
    setTimeout(() => clock.sleep(HOUR_MS), 20);
    const { cause, tries } = await work;
    expect(cause).toBeInstanceOf(TimeoutError);
    expect({ tries, requests: server.requests.length }).toEqual({ tries: ['timeout'], requests: 1 });
  });

  it('107: in the middle of a stream that is dead when it wakes, is one resumption', async () => {
    const clock = new CountingClock();
    const { pipeline, server } = await aScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }], GOOD],
      { clock, config: { timeouts: { idleMs: 100 } } },
    );
    const work = success(pipeline);
    await eventually(() => server.requests.length === 1);
    setTimeout(() => clock.sleep(HOUR_MS), 20);
    expect(await work).toMatchObject({ text: 'Once upon a time.', tries: ['timeout', 'ok'] });
    expect(server.requests).toHaveLength(2);
  });

  it('107: before the headers, is one retry and no burst', async () => {
    const clock = new CountingClock();
    const { pipeline, server } = await aScene([[{ request: true }, { stall: true }], GOOD], {
      clock,
      config: { timeouts: { headersMs: 100 } },
    });
    const work = success(pipeline);
    await eventually(() => server.requests.length === 1);
    clock.sleep(HOUR_MS);
    expect((await work).tries).toEqual(['timeout', 'ok']);
    expect(server.requests).toHaveLength(2);
  });

  it('107: while ten wait under a rate limit, lets them go one by one', async () => {
    const clock = new CountingClock();
    const { pipeline, server } = await aScene([GOOD], { clock, config: { rateLimit: { minIntervalMs: 100 } } });
    const work = Promise.all(Array.from({ length: 6 }, () => success(pipeline)));
    await eventually(() => server.requests.length === 2);
    clock.sleep(HOUR_MS);
    await work;
    // The third one has waited for an hour by then; for the others an interval each is still to come.
    expect(server.arrivals).toHaveLength(6);
    expect(server.arrivals[5]! - server.arrivals[2]!).toBeGreaterThanOrEqual(250);
  });
});
