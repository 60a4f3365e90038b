import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import { interruption, success } from '../support/scene.js';
import {
  begins,
  inScene,
  inWorld,
  LATENCY_MS,
  paces,
  replies,
  silent,
  standStill,
  streams,
} from '../support/simulated-scene.js';
import { until } from '../support/simulated-writer.js';
import { delta } from '../support/wire.js';

const GOOD = streams('Once upon a time.');
const HOUR_MS = 3_600_000;
const words = Array.from({ length: 10 }, (_, index) => `word ${index} `);
const TIGHT: ConfigInput = {
  timeouts: { connectMs: 60, headersMs: 60, firstTokenMs: 60, idleMs: 60, contentIdleMs: 60, attemptMs: 500 },
  retry: { maxAttempts: 1 },
};

describe('the clock on the wall', () => {
  it.each([HOUR_MS, -HOUR_MS])('105: set by %d ms in the middle of a stream makes no timer fire', (byMs) =>
    inWorld((world) =>
      inScene(world, { scripts: [paces(15, ...words)], config: TIGHT }, async ({ pipeline, process }) => {
        world.at(60, () => process.moveWallClock(byMs));
        const { text, end } = await success(pipeline, { prompt: 'Begin.', deadlineMs: 500 });
        expect({ text, latencyMs: end.attempts?.[0]?.latencyMs }).toEqual({
          text: words.join(''),
          latencyMs: words.length * 15 + 4 * LATENCY_MS,
        });
      }),
    )(),
  );

  it.each([HOUR_MS, -HOUR_MS])(
    '105: set by %d ms in a backoff and in a queue makes neither longer nor shorter',
    (byMs) =>
      inWorld((world) =>
        inScene(
          world,
          {
            scripts: [replies(503), GOOD],
            config: { retry: { baseMs: 80, jitter: 'none', capMs: 80 }, rateLimit: { minIntervalMs: 500 } },
          },
          async ({ pipeline, process, server }) => {
            const work = success(pipeline);
            await until(world, () => server.requests.length === 1);
            process.moveWallClock(byMs);
            await work;
            expect(server.arrivals[1]! - server.arrivals[0]!).toBe(500);
          },
        ),
      )(),
  );
});

describe('an event loop that stands still', () => {
  it(
    '106: for longer than any timer of the stream, while the answer goes on, makes none of them fire',
    inWorld((world) =>
      inScene(world, { scripts: [paces(20, ...words)], config: TIGHT }, async ({ pipeline, process }) => {
        const texts: string[] = [];
        await pipeline.text({ prompt: 'Begin.' }).forEach((text) => {
          texts.push(text);
          if (texts.length === 2) standStill(world, process, 130);
        });
        expect(texts.join('')).toBe(words.join(''));
      }),
    ),
  );
});

describe('a machine that sleeps', () => {
  const DEAD = begins(delta('Once '));

  it(
    '107: in the middle of a stream that is dead when it wakes, is one timeout',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [DEAD, GOOD], config: { timeouts: { idleMs: 100 } } },
        async ({ pipeline, process, server }) => {
          const work = interruption(pipeline);
          await until(world, () => server.requests.length === 1);
          standStill(world, process, HOUR_MS);
          const { cause, tries } = await work;
          expect(cause).toBeInstanceOf(TimeoutError);
          expect({ tries, requests: server.requests.length }).toEqual({ tries: ['timeout'], requests: 1 });
        },
      ),
    ),
  );

  it(
    '107: in the middle of a stream that is dead when it wakes, is one resumption',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [DEAD, GOOD], config: { timeouts: { idleMs: 100 } } },
        async ({ pipeline, process, server }) => {
          const work = success(pipeline);
          await until(world, () => server.requests.length === 1);
          standStill(world, process, HOUR_MS);
          expect(await work).toMatchObject({ text: 'Once upon a time.', tries: ['timeout', 'ok'] });
          expect(server.requests).toHaveLength(2);
        },
      ),
    ),
  );

  it(
    '107: before the headers, is one retry and no burst',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [silent, GOOD], config: { timeouts: { headersMs: 100 } } },
        async ({ pipeline, process, server }) => {
          const work = success(pipeline);
          await until(world, () => server.requests.length === 1);
          standStill(world, process, HOUR_MS);
          expect((await work).tries).toEqual(['timeout', 'ok']);
          expect(server.requests).toHaveLength(2);
        },
      ),
    ),
  );

  it(
    '107: while six wait under a rate limit, lets them go one by one',
    inWorld((world) =>
      inScene(world, { scripts: [GOOD], config: { rateLimit: { minIntervalMs: 100 } } }, async (scene) => {
        const { pipeline, process, server } = scene;
        const work = Promise.all(Array.from({ length: 6 }, () => success(pipeline)));
        await until(world, () => server.requests.length === 2);
        standStill(world, process, HOUR_MS);
        await work;
        const gaps = server.arrivals.slice(1).map((at, index) => at - server.arrivals[index]!);
        // The third one has waited for an hour by then; for the others an interval each is still to come.
        expect({ first: gaps[0], asleep: gaps[1]! >= HOUR_MS, then: gaps.slice(2) }).toEqual({
          first: 100,
          asleep: true,
          then: [100, 100, 100],
        });
      }),
    ),
  );
});
