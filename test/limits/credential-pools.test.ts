import { describe, expect, it } from '@jest/globals';
import type { ConfigInput, GenerationEvent, Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { MemorySink } from 'scriptorium/testing';
import type { Serve, World } from 'scriptorium/testing';
import { definePlugin } from 'scriptorium/plugin';
import { lastValueFrom, toArray } from 'rxjs';
import { failureOf, grammar } from '../support/pipelines.js';
import { inWorld, paces, replies, streams } from '../support/simulated-scene.js';
import { stopped } from '../support/simulated-writer.js';

const KEYS = ['sk-pool-aaaa', 'sk-pool-bbbb', 'sk-pool-cccc'];
const GOOD = streams('Once upon a time.');
const DAY_MS = 86_400_000;

interface Scene {
  readonly pipeline: Pipeline;
  readonly sink: MemorySink;
  /** The keys of the requests, by their places in the list, in the order of arrival. */
  readonly asked: number[];
  /** Virtual milliseconds of their arrivals. */
  readonly arrivals: number[];
}

interface SceneOptions {
  readonly keys?: readonly string[];
  /** The answer to a request with the key at this place; `nth` counts those of this key, from 0. */
  readonly serve?: (place: number, nth: number) => Serve;
  readonly config?: ConfigInput;
}

async function inPool(
  world: World,
  { keys = KEYS, serve = () => GOOD, config = {} }: SceneOptions,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const [asked, arrivals]: [number[], number[]] = [[], []];
  const host = world.host('pool.test', (request, exchange) => {
    const place = keys.findIndex((key) => request.headers.authorization === `Bearer ${key}`);
    const nth = asked.filter((each) => each === place).length;
    asked.push(place);
    arrivals.push(world.elapsedMs);
    return serve(place, nth)(request, exchange);
  });
  const sink = new MemorySink();
  const process = await world.process('writer', {
    interceptors: [grammar],
    plugins: [
      openrouter({ keys, baseUrl: `${host.url}/api/v1` }),
      definePlugin({ name: 'memory', apiVersion: 1, setup: (plugin) => plugin.addStatSink(sink) }),
    ],
    config: {
      ...config,
      defaults: { model: 'a/model', ...config.defaults },
      retry: { baseMs: 1, capMs: 5, ...config.retry },
    },
  });
  await work({ pipeline: process.pipeline, sink, asked, arrivals });
  await stopped(world, process);
}

const write = (pipeline: Pipeline) => pipeline.generate({ prompt: 'Begin.' });
const eventsOf = (pipeline: Pipeline): Promise<GenerationEvent[]> =>
  lastValueFrom(pipeline.stream({ prompt: 'Begin.' }).pipe(toArray()));
const warningsIn = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
const refused = (status: number, message = 'no') => replies(status, { error: { message, code: status } });
const FREE = { defaults: { model: 'a/model:free' } };

describe('several keys of a provider', () => {
  it(
    'are used in turn, the least used first',
    inWorld((world) =>
      inPool(world, {}, async ({ pipeline, asked }) => {
        for (let call = 0; call < 6; call += 1) await write(pipeline);
        expect(asked).toEqual([0, 1, 2, 0, 1, 2]);
      }),
    ),
  );

  it(
    'share attempts at once',
    inWorld((world) =>
      inPool(world, { serve: () => paces(100, 'One ', 'two.') }, async ({ pipeline, asked }) => {
        await Promise.all(Array.from({ length: 6 }, () => write(pipeline)));
        expect([...asked].sort()).toEqual([0, 0, 1, 1, 2, 2]);
      }),
    ),
  );

  it(
    'have limits of their own: another one is used before any is waited for',
    inWorld((world) =>
      // A second between two requests of a key.
      inPool(world, { config: FREE }, async ({ pipeline, asked, arrivals }) => {
        await Promise.all(Array.from({ length: 7 }, () => write(pipeline)));
        const byKey = KEYS.map((_, place) => arrivals.filter((_at, index) => asked[index] === place));
        expect(byKey.map((times) => times.length).sort()).toEqual([2, 2, 3]);
        for (const times of byKey)
          for (const [index, at] of times.entries())
            if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
        expect(arrivals.filter((at) => at < 1_000)).toHaveLength(3);
        expect(arrivals.filter((at) => at < 2_000)).toHaveLength(6);
      }),
    ),
  );

  it(
    'have days of their own: the next one goes on, and the last reset is that of the earliest',
    inWorld((world) => {
      const spent = (resetAt: number) =>
        replies(
          429,
          {
            error: {
              ...{ message: 'Rate limit exceeded: free-models-per-day. ', code: 429 },
              metadata: {
                limit_source: 'openrouter_free_tier_daily',
                headers: { 'X-RateLimit-Reset': String(resetAt) },
              },
            },
          },
          { 'x-ratelimit-reset': String(resetAt) },
        );
      const resets = [DAY_MS, DAY_MS / 2, DAY_MS].map((ms) => Date.UTC(2026, 0, 1) + ms);
      const serve = (place: number, nth: number) => (nth === 0 ? GOOD : spent(resets[place] ?? 0));
      return inPool(
        world,
        { serve, config: { ...FREE, rateLimit: { minIntervalMs: 0 } } },
        async ({ pipeline, asked }) => {
          for (let call = 0; call < 3; call += 1) await write(pipeline);
          const failure = await failureOf(write(pipeline));
          expect({ code: failure.code, retryAt: failure.retryAt, asked }).toEqual({
            code: 'quota',
            retryAt: resets[1],
            asked: [0, 1, 2, 0, 1, 2],
          });
          await failureOf(write(pipeline));
          expect(asked).toHaveLength(6);
        },
      );
    }),
  );

  it.each([
    [401, 'authentication'],
    [402, 'payment-required'],
    [403, 'permission'],
  ])('leave one that is refused (%i) out, with one warning, and go on with the others', async (status, code) => {
    await inWorld((world) =>
      inPool(world, { serve: (place) => (place === 0 ? refused(status) : GOOD) }, async ({ pipeline, asked, sink }) => {
        const first = await eventsOf(pipeline);
        const others = [...(await eventsOf(pipeline)), ...(await eventsOf(pipeline)), ...(await eventsOf(pipeline))];
        expect({ asked, warnings: warningsIn(first), later: warningsIn(others) }).toEqual({
          asked: [0, 1, 2, 1, 2],
          warnings: [
            expect.stringMatching(/^The credential key-[0-9a-f]{8} of "openrouter" is left out; 2 of 3 are left: /),
          ],
          later: [],
        });
        expect(sink.attempts.map(({ errorCode }) => errorCode)).toEqual([code, ...Array<undefined>(4)]);
      }),
    )();
  });

  it(
    'all stay if all refuse a request, which is at fault itself',
    inWorld((world) => {
      let isBad = true;
      return inPool(world, { serve: () => (isBad ? refused(403) : GOOD) }, async ({ pipeline, asked }) => {
        const { code } = await failureOf(write(pipeline));
        isBad = false;
        for (let call = 0; call < 3; call += 1) await write(pipeline);
        expect({ code, asked }).toEqual({ code: 'permission', asked: [0, 1, 2, 0, 1, 2] });
      });
    }),
  );

  it(
    'never all leave: the last refusal is reported again',
    inWorld((world) =>
      inPool(world, { serve: () => refused(401) }, async ({ pipeline, asked }) => {
        const codes = [await failureOf(write(pipeline)), await failureOf(write(pipeline))].map(({ code }) => code);
        expect({ codes, asked }).toEqual({
          codes: ['authentication', 'authentication'],
          asked: [0, 1, 2, 2],
        });
      }),
    ),
  );

  it(
    'have breakers of their own',
    inWorld((world) => {
      const config = { breaker: { connectionFailures: 1_000, minimumCalls: 2 }, retry: { maxAttempts: 8 } };
      return inPool(
        world,
        { keys: KEYS.slice(0, 2), serve: (place) => (place === 0 ? refused(500) : GOOD), config },
        async ({ pipeline, asked }) => {
          for (let call = 0; call < 8; call += 1) await write(pipeline);
          const breakers = pipeline.breakers();
          expect(breakers.map(({ provider, model, state }) => ({ provider, model, state }))).toEqual([
            { provider: 'openrouter', model: 'a/model', state: 'open' },
            { provider: 'openrouter', model: 'a/model', state: 'closed' },
          ]);
          expect(breakers.map(({ credential }) => credential)).toEqual([
            expect.stringMatching(/^key-[0-9a-f]{8}$/),
            expect.stringMatching(/^key-[0-9a-f]{8}$/),
          ]);
          expect(asked.slice(-5)).toEqual([1, 1, 1, 1, 1]);
        },
      );
    }),
  );

  it(
    'are waited for until the first of them is back, whatever holds them',
    inWorld((world) => {
      const config = {
        rateLimit: { minIntervalMs: 0 },
        breaker: { connectionFailures: 1_000, minimumCalls: 2, openMs: 5_000 },
        retry: { maxAttempts: 3, maxRetryAfterMs: 60_000 },
      };
      const serve = (place: number, nth: number) =>
        place === 0
          ? replies(429, { error: { message: 'no', code: 429 } }, { 'retry-after': '50' })
          : nth < 2
            ? refused(500)
            : GOOD;
      return inPool(world, { keys: KEYS.slice(0, 2), serve, config }, async ({ pipeline, asked, arrivals }) => {
        await write(pipeline);
        expect(asked).toEqual([0, 1, 1, 1]);
        const waitedMs = (arrivals[3] ?? 0) - (arrivals[2] ?? 0);
        expect({ isAfterTheBreaker: waitedMs >= 5_000, isBeforeTheReset: waitedMs < 50_000 }).toEqual({
          isAfterTheBreaker: true,
          isBeforeTheReset: true,
        });
      });
    }),
  );

  it(
    'take up a retry of another',
    inWorld((world) =>
      inPool(world, { serve: (_, nth) => (nth === 0 ? refused(500) : GOOD) }, async ({ pipeline, asked }) => {
        await write(pipeline);
        expect(asked).toEqual([0, 1, 2, 0]);
      }),
    ),
  );

  it(
    'are named in statistics, results and warnings, and never shown',
    inWorld((world) =>
      inPool(world, { serve: (place) => (place === 0 ? refused(401, KEYS[0]) : GOOD) }, async ({ pipeline, sink }) => {
        const events = await eventsOf(pipeline);
        const { attempts } = await write(pipeline);
        const names = sink.attempts.map(({ credential }) => credential ?? '');
        expect(names.every((name) => /^key-[0-9a-f]{8}$/.test(name))).toBe(true);
        expect(new Set(names).size).toBe(3);
        expect(attempts.map(({ credential }) => credential)).toEqual(names.slice(-1));
        expect(JSON.stringify([events, sink.stats])).not.toMatch(/sk-pool/);
      }),
    ),
  );
});

describe('one key in the list', () => {
  it(
    'is a plain key',
    inWorld((world) =>
      inPool(world, { keys: KEYS.slice(0, 1) }, async ({ pipeline, sink, asked }) => {
        await write(pipeline);
        expect({ asked, credential: sink.attempts[0]?.credential }).toEqual({ asked: [0], credential: undefined });
      }),
    ),
  );
});
