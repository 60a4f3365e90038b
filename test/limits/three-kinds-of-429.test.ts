import { describe, expect, it } from '@jest/globals';
import { RateLimitError } from 'scriptorium';
import type { Serve } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';
import { failure, success } from '../support/scene.js';
import { EVENT_STREAM, inScene, inWorld, LATENCY_MS, replies, streams } from '../support/simulated-scene.js';
import { data } from '../support/wire.js';

/** As OpenRouter sends them (recorded 2026): the limit headers stand only inside the body. */
const GOOD = streams('Once upon a time.');
const FREE = { defaults: { model: 'a/model:free' }, rateLimit: { minIntervalMs: 0, requestsPerMinute: 0 } };
/** The next midnight of a world that begins on 2026-01-01, 00:00 UTC. */
const MIDNIGHT = Date.UTC(2026, 0, 2);
const perMinute = (reset: number) => ({
  error: {
    message: 'Rate limit exceeded: free-models-per-min. ',
    code: 429,
    metadata: {
      headers: { 'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(reset) },
      limit_source: 'openrouter_free_tier_per_minute',
      provider_name: null,
    },
  },
  user_id: 'user_1',
});
const DAILY = {
  error: {
    message: 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
    code: 429,
    metadata: { limit_source: 'openrouter_free_tier_daily', provider_name: null },
  },
  user_id: 'user_1',
};
const UPSTREAM = {
  error: {
    message: 'Provider returned error',
    code: 429,
    metadata: {
      raw: 'a/model:free is temporarily rate-limited upstream. Please retry shortly, or add your own key',
      provider_name: 'Chutes',
      limit_source: 'upstream_provider_shared_pool',
    },
  },
  user_id: 'user_1',
};

describe("a 429 of the free tier's day", () => {
  it(
    'is not tried again and says when; the next call fails without a request, and a paid model is not kept from being asked',
    inWorld((world) =>
      inScene(world, { scripts: [replies(429, DAILY), GOOD], config: FREE }, async ({ pipeline, server }) => {
        const { error, tries } = await failure(pipeline);
        expect(error).toBeInstanceOf(RateLimitError);
        expect({ code: error.code, retryable: error.retryable, retryAt: error.retryAt, tries }).toEqual({
          code: 'quota',
          retryable: false,
          retryAt: MIDNIGHT,
          tries: ['quota'],
        });
        const next = await failure(pipeline, { prompt: 'Begin.', model: 'another/model:free' });
        expect({
          code: next.error.code,
          retryAt: next.error.retryAt,
          tries: next.tries,
          requests: server.requests.length,
        }).toEqual({ code: 'quota', retryAt: MIDNIGHT, tries: [], requests: 1 });
        expect((await success(pipeline, { prompt: 'Begin.', model: 'a/model' })).tries).toEqual(['ok']);
      }),
    ),
  );
});

describe("a 429 of the free tier's minute", () => {
  const inside200 =
    (body: unknown): Serve =>
    async (_, exchange) => {
      exchange.open(200, EVENT_STREAM);
      await exchange.end(data(body));
    };

  it.each([
    ['with its own status', (body: unknown) => replies(429, body), LATENCY_MS],
    // That connection is given up, so the next request makes a new one.
    ['inside a 200', inside200, 3 * LATENCY_MS],
  ])('is waited out to the reset, at no cost in attempts (%s)', async (_, refusal, wayMs) => {
    await inWorld((world) => {
      const reset = world.now() + 20_000;
      const config = { ...FREE, retry: { maxAttempts: 1 } };
      return inScene(world, { scripts: [refusal(perMinute(reset)), GOOD], config }, async ({ pipeline, server }) => {
        const { tries, events } = await success(pipeline);
        expect(tries).toEqual(['rate-limit', 'ok']);
        expect(server.arrivals[1]).toBe(20_000 + wayMs);
        expect(events).toContainEqual({ type: 'waiting', for: 'quota', untilMs: expect.any(Number) });
      });
    })();
  });
});

describe('a 429 from further up', () => {
  it(
    'is tried again after a short backoff, which counts as an attempt',
    inWorld((world) => {
      const config = { ...FREE, retry: { baseMs: 50, capMs: 50, jitter: 'none' as const } };
      return inScene(world, { scripts: [replies(429, UPSTREAM), GOOD], config }, async ({ pipeline, server }) => {
        const { tries, events } = await success(pipeline);
        expect(tries).toEqual(['rate-limit', 'ok']);
        expect(events.some(({ type }) => type === 'waiting')).toBe(false);
        // The way back, the backoff, and the way there on the connection that was kept.
        expect(server.arrivals[1]! - server.arrivals[0]!).toBe(LATENCY_MS + 50 + LATENCY_MS);
      });
    }),
  );

  it(
    'that comes again and again fails after four attempts',
    inWorld((world) =>
      inScene(world, { scripts: [replies(429, UPSTREAM)], config: FREE }, async ({ pipeline }) => {
        const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
        expect(error).toMatchObject({ code: 'rate-limit', attempts: Array(4).fill({ errorCode: 'rate-limit' }) });
      }),
    ),
  );
});
