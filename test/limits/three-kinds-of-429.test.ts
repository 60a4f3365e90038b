import { describe, expect, it } from '@jest/globals';
import { RateLimitError } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { aScene, failure, success } from '../support/scene.js';
import { answers, chunked, data, refuses } from '../support/wire.js';
import { show } from './figures.js';

/** As OpenRouter sends them (recorded 2026): the limit headers stand only inside the body. */
const GOOD = answers('Once upon a time.');
const FREE = { defaults: { model: 'a/model:free' }, rateLimit: { minIntervalMs: 0, requestsPerMinute: 0 } };
const TOO_MANY = '429 Too Many Requests';
const SPEED = 20;
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
  it('is not tried again and says when; the next call fails without a request, and a paid model is not kept from being asked', async () => {
    const { pipeline, server } = await aScene([refuses(TOO_MANY, DAILY), GOOD], { config: FREE });
    const midnight = (Math.floor(Date.now() / 86_400_000) + 1) * 86_400_000;
    const { error, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RateLimitError);
    expect({ code: error.code, retryable: error.retryable, retryAt: error.retryAt, tries }).toEqual({
      code: 'quota',
      retryable: false,
      retryAt: midnight,
      tries: ['quota'],
    });
    const next = await failure(pipeline, { prompt: 'Begin.', model: 'another/model:free' });
    expect({
      code: next.error.code,
      // The limits give durations, which the clock of the test's process adds up to within a millisecond.
      retryAt: Math.round((next.error.retryAt ?? 0) / 1_000) * 1_000,
      tries: next.tries,
      requests: server.requests.length,
    }).toEqual({ code: 'quota', retryAt: midnight, tries: [], requests: 1 });
    expect((await success(pipeline, { prompt: 'Begin.', model: 'a/model' })).tries).toEqual(['ok']);
    show('429 of the day', { requests: server.requests.length - 1, retryAt: new Date(midnight).toISOString() });
  });
});

describe("a 429 of the free tier's minute", () => {
  it.each(['with its own status', 'inside a 200'])(
    'is waited out to the reset, at no cost in attempts (%s)',
    async (how) => {
      const clock = new CountingClock(SPEED);
      const reset = Math.ceil(clock.now() + 20_000);
      const refusal =
        how === 'inside a 200'
          ? [{ request: true } as const, { write: chunked(data(perMinute(reset))) }]
          : refuses(TOO_MANY, perMinute(reset));
      const { pipeline, server } = await aScene([refusal, GOOD], {
        clock,
        config: { ...FREE, retry: { maxAttempts: 1 } },
      });
      const { tries, events } = await success(pipeline);
      expect(tries).toEqual(['rate-limit', 'ok']);
      expect(clock.now()).toBeGreaterThanOrEqual(reset);
      expect(clock.now()).toBeLessThan(reset + 3_000);
      expect(events).toContainEqual({ type: 'waiting', for: 'quota', untilMs: expect.any(Number) });
      show(`429 of the minute, ${how}`, {
        requests: server.requests.length,
        'scaled s after the reset': (clock.now() - reset) / 1000,
      });
    },
  );
});

describe('a 429 from further up', () => {
  it('is tried again after a short backoff, which counts as an attempt', async () => {
    const { pipeline, server } = await aScene([refuses(TOO_MANY, UPSTREAM), GOOD], {
      config: { ...FREE, retry: { baseMs: 50, capMs: 50, jitter: 'none' } },
    });
    const { tries, events } = await success(pipeline);
    const waitedMs = server.arrivals[1]! - server.arrivals[0]!;
    expect(tries).toEqual(['rate-limit', 'ok']);
    expect(events.some(({ type }) => type === 'waiting')).toBe(false);
    expect(waitedMs).toBeGreaterThanOrEqual(49);
    expect(waitedMs).toBeLessThan(4_000);
    const { error } = await (
      await aScene([refuses(TOO_MANY, UPSTREAM)], { config: FREE })
    ).pipeline
      .generate({ prompt: 'Begin.' })
      .then(
        () => ({ error: undefined }),
        (failed: unknown) => ({ error: failed }),
      );
    expect(error).toMatchObject({ code: 'rate-limit', attempts: Array(4).fill({ errorCode: 'rate-limit' }) });
    show('429 from further up', { requests: server.requests.length, 'waited ms': waitedMs });
  });
});
