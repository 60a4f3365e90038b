import { afterAll, describe, expect, it } from '@jest/globals';
import { classifyAnswer } from '../../plugins/openrouter/classify.js';
import type { ServiceOptions } from '../../src/emulator/options.js';
import { anEmulator, closeAll, post } from './client.js';
import type { MemoryExchange } from './memory-exchange.js';
import { virtualHost } from './virtual-host.js';
import { aService, messages } from './virtual-service.js';

afterAll(closeAll);

const NOON = Date.UTC(2026, 0, 1, 12);
const MIDNIGHT = Date.UTC(2026, 0, 2);
const FREE = { model: 'scriptorium/exact:free' };
const OTHER_FREE = { model: 'scriptorium/embedded-ngram:free' };
const PAID = { model: 'scriptorium/exact' };

/** A service at noon. */
const limited = (limits: ServiceOptions['limits'], options: ServiceOptions = {}) =>
  aService({ ...options, ...(limits && { limits }) }, virtualHost({ startedAt: NOON }));

/** An answer as the pipeline's provider understands it. */
const understood = (exchange: MemoryExchange, now: number) => {
  const headers = new Headers(Object.entries(exchange.headers).map(([name, value]) => [name, String(value)]));
  const { code, retryable, retryAt } = classifyAnswer(
    { headers, now, body: exchange.text, status: exchange.status ?? 0 },
    {},
  );
  return { code, retryable, retryAt };
};

describe('requestsPerMinute', () => {
  it('refuses 59,999 ms after the oldest request that was accepted, and accepts after 60,000 ms', async () => {
    const { host, chatNow } = limited({ requestsPerMinute: 2 });
    const statuses = async (...waits: readonly number[]) => {
      const seen = [];
      for (const wait of waits) {
        await host.advance(wait);
        seen.push((await chatNow(FREE)).status);
      }
      return seen;
    };
    expect(await statuses(0, 10_000, 0, 49_999, 1, 0)).toEqual([200, 200, 429, 429, 200, 429]);
    expect(await statuses(9_999, 1, 0)).toEqual([429, 200, 429]);
  });

  it('is answered as OpenRouter does, with the reset in the headers and in the body', async () => {
    const { host, service, chatNow } = limited({ requestsPerMinute: 1 });
    await chatNow(FREE);
    await host.advance(1_000);
    const refused = await chatNow({ ...FREE, stream: true });
    const headers = {
      'X-RateLimit-Limit': '1',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': String(NOON + 60_000),
    };
    expect(refused.headers).toEqual({
      ...headers,
      'content-type': 'application/json',
      'content-length': refused.text.length,
      'x-generation-id': service.requests[1]!.id,
    });
    expect(JSON.parse(refused.text)).toEqual({
      error: {
        message: 'Rate limit exceeded: free-models-per-min. ',
        code: 429,
        metadata: { headers, limit_source: 'openrouter_free_tier_per_minute', provider_name: null },
      },
      user_id: 'user_emulated',
    });
    expect(understood(refused, host.now())).toEqual({ code: 'rate-limit', retryable: true, retryAt: NOON + 60_000 });
    expect(service.requests[1]).toMatchObject({ status: 429, outcome: 'completed', usage: undefined, cost: 0 });
  });

  it('is shared by all free models, and leaves paid ones alone', async () => {
    const { chatNow } = limited({ requestsPerMinute: 1 });
    expect((await chatNow(FREE)).status).toBe(200);
    expect((await chatNow(OTHER_FREE)).status).toBe(429);
    expect((await chatNow(PAID)).status).toBe(200);
  });

  it('takes no fault from the script for a request that it refuses', async () => {
    const { service, chatNow } = limited({ requestsPerMinute: 1 });
    service.script(undefined, { status: 503 });
    const seen = [];
    for (const body of [FREE, FREE, PAID]) seen.push((await chatNow(body)).status);
    expect(seen).toEqual([200, 429, 503]);
  });

  it('does not count a request that is not valid', async () => {
    const { chatNow } = limited({ requestsPerMinute: 1 });
    expect((await chatNow({ ...FREE, messages: [] })).status).toBe(400);
    expect((await chatNow(FREE)).status).toBe(200);
  });
});

describe('requestsPerDay', () => {
  it('refuses until the last millisecond of the day (UTC), and accepts at midnight', async () => {
    const { host, chatNow } = limited({ requestsPerDay: 2 });
    await chatNow(FREE);
    await chatNow(OTHER_FREE);
    await host.advance(MIDNIGHT - NOON - 1);
    expect((await chatNow(FREE)).status).toBe(429);
    await host.advance(1);
    const seen = [];
    for (let index = 0; index < 3; index += 1) seen.push((await chatNow(FREE)).status);
    expect(seen).toEqual([200, 200, 429]);
  });

  it('ends with a shorter day where one is set', async () => {
    const { host, chatNow } = limited({ requestsPerDay: 1, dayMs: 20_000 });
    await chatNow(FREE);
    const refused = await chatNow(FREE);
    const resetAt = Number(refused.headers['X-RateLimit-Reset']);
    await host.advance(resetAt - host.now() - 1);
    const before = (await chatNow(FREE)).status;
    await host.advance(1);
    expect({ isTheEnd: resetAt % 20_000, before, after: (await chatNow(FREE)).status }).toEqual({
      isTheEnd: 0,
      before: 429,
      after: 200,
    });
  });

  it('is answered as OpenRouter does, and leaves paid models alone', async () => {
    const { host, chatNow } = limited({ requestsPerDay: 1 });
    await chatNow(FREE);
    const refused = await chatNow(FREE);
    const headers = { 'X-RateLimit-Limit': '1', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(MIDNIGHT) };
    expect(refused.headers).toMatchObject(headers);
    expect(JSON.parse(refused.text)).toEqual({
      error: {
        message: 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
        code: 429,
        metadata: { headers, limit_source: 'openrouter_free_tier_daily', provider_name: null },
      },
      user_id: 'user_emulated',
    });
    expect(understood(refused, host.now())).toEqual({ code: 'quota', retryable: false, retryAt: MIDNIGHT });
    expect((await chatNow(PAID)).status).toBe(200);
  });

  it('names the high balance where the limit is that of one', async () => {
    const { chatNow } = limited({ requestsPerDay: 1_000 }, { freeModelDailyRequests: { used: 1_000 } });
    expect(JSON.parse((await chatNow(FREE)).text)).toMatchObject({
      error: { message: 'Rate limit exceeded: free-models-per-day-high-balance. ' },
    });
  });

  it('is reported by GET /key: refused requests count, what was used before the start counts, midnight begins anew', async () => {
    const { host, chatNow, get } = limited(
      { requestsPerDay: 3, requestsPerMinute: 1 },
      { freeModelDailyRequests: { used: 1 } },
    );
    const day = (used: number, remaining: number) => ({
      data: { free_model_daily_requests: { used, limit: 3, remaining } },
    });
    expect(await get('/key')).toMatchObject(day(1, 2));
    const seen = [];
    for (let index = 0; index < 3; index += 1) {
      const { text } = await chatNow(FREE);
      seen.push(/free-models-per-\w+/.exec(text)?.[0]);
    }
    expect(seen).toEqual([undefined, 'free-models-per-min', 'free-models-per-day']);
    expect(await get('/key')).toMatchObject(day(4, 0));
    await host.advance(MIDNIGHT - NOON);
    expect(await get('/key')).toMatchObject(day(0, 3));
  });
});

describe('upstreamPerMinute', () => {
  it('refuses 59,999 ms after the oldest request that was accepted, and accepts after 60,000 ms', async () => {
    const { host, chatNow } = limited({ upstreamPerMinute: 1 });
    await chatNow(PAID);
    await host.advance(59_999);
    expect((await chatNow(PAID)).status).toBe(429);
    await host.advance(1);
    expect((await chatNow(PAID)).status).toBe(200);
  });

  it('is answered as OpenRouter does, without a reset, and leaves other models alone', async () => {
    const { host, chatNow } = limited({ upstreamPerMinute: 1 });
    await chatNow(FREE);
    const refused = await chatNow(FREE);
    expect(Object.keys(refused.headers).sort()).toEqual(['content-length', 'content-type', 'x-generation-id']);
    expect(JSON.parse(refused.text)).toEqual({
      error: {
        message: 'Provider returned error',
        code: 429,
        metadata: {
          raw: expect.stringMatching(/^scriptorium\/exact:free is temporarily rate-limited upstream\. Please retry/),
          provider_name: 'Scriptorium emulator',
          limit_source: 'upstream_provider_shared_pool',
        },
      },
      user_id: 'user_emulated',
    });
    expect(understood(refused, host.now())).toEqual({ code: 'rate-limit', retryable: true, retryAt: undefined });
    expect((await chatNow(OTHER_FREE)).status).toBe(200);
    expect((await chatNow(PAID)).status).toBe(200);
  });

  it("comes after the account's limits, which count what it refuses", async () => {
    const { service, chatNow } = limited({ requestsPerMinute: 2, upstreamPerMinute: 1 });
    for (let index = 0; index < 3; index += 1) await chatNow(FREE);
    expect(service.books).toMatchObject({ accepted: 1, refused: { upstream: 1, 'per-minute': 1 } });
  });
});

describe('limits', () => {
  it('are not kept by default', async () => {
    const { service, chatNow } = aService();
    for (let index = 0; index < 100; index += 1) await chatNow(FREE);
    expect(service.books).toMatchObject({ accepted: 100, mostInAWindow: 100, mostInADay: 100 });
  });

  it('begin anew when the service is cleared', async () => {
    const { service, chatNow } = limited({ requestsPerMinute: 1, requestsPerDay: 1, upstreamPerMinute: 1 });
    await chatNow(FREE);
    service.clear();
    expect((await chatNow(FREE)).status).toBe(200);
  });

  it('are whole numbers of at least 1', () => {
    for (const limit of [0, 1.5, Number.NaN])
      expect(() => aService({ limits: { requestsPerDay: limit } })).toThrow(
        `limits.requestsPerDay is ${limit}; expected a whole number of at least 1`,
      );
  });

  it('are kept by an emulator behind a socket too', async () => {
    const emulator = await anEmulator({ limits: { requestsPerMinute: 1 } });
    const statuses = [];
    for (let index = 0; index < 2; index += 1) statuses.push((await post(emulator, { ...FREE, messages })).status);
    expect({ statuses, accepted: emulator.books.accepted }).toEqual({ statuses: [200, 429], accepted: 1 });
  });
});
