import { describe, expect, it } from '@jest/globals';
import { RateLimitError, RetryExhaustedError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { aScene, failure, success } from '../support/scene.js';
import type { Scene } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, refuses } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const TOO_MANY = '429 Too Many Requests';
const SPEED = 20;
const OTHER_MODEL: ConfigInput = { routes: [{ model: 'b/model' }] };
const modelsAsked = ({ server }: Scene): readonly unknown[] =>
  server.requests.map((request) => (JSON.parse(request.split('\r\n\r\n')[1]!) as { model: unknown }).model);
/** Milliseconds of the scene's clock between two requests. */
const gap = ({ server }: Scene, index = 1): number => (server.arrivals[index]! - server.arrivals[index - 1]!) * SPEED;
const quick = (scripts: readonly (readonly Step[])[], config: ConfigInput = {}): Promise<Scene> =>
  aScene(scripts, { config, clock: new CountingClock(SPEED) });

describe('a status that says more than "failed"', () => {
  it.each([
    ['501 Not Implemented', 'server-error'],
    ['505 HTTP Version Not Supported', 'server-error'],
  ])('21: a %s is not tried again', async (status, code) => {
    const { server, pipeline } = await aScene([refuses(status), GOOD]);
    const { error, tries } = await failure(pipeline);
    expect({ code: error.code, retryable: error.retryable, tries, requests: server.requests.length }).toEqual({
      code,
      retryable: false,
      tries: [code],
      requests: 1,
    });
  });

  it('22: a 529 is tried again as an overload', async () => {
    const { pipeline } = await aScene([refuses('529 Overloaded'), GOOD]);
    const { tries, end } = await success(pipeline);
    expect({ tries, status: end.attempts?.[0]?.status }).toEqual({ tries: ['overloaded', 'ok'], status: 529 });
  });

  it('22: a 529 counts for the breaker', async () => {
    const { pipeline, server } = await aScene([refuses('529 Overloaded'), refuses('529 Overloaded'), GOOD], {
      config: { breaker: { minimumCalls: 2, openMs: 40 } },
    });
    const { events, tries } = await success(pipeline);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', for: 'breaker' }));
    expect(tries).toEqual(['overloaded', 'overloaded', 'ok']);
    expect(server.arrivals[2]! - server.arrivals[1]!).toBeGreaterThanOrEqual(39);
  });

  it('22: a 429 does not count for the breaker', async () => {
    const { pipeline } = await aScene([refuses(TOO_MANY), refuses(TOO_MANY), refuses(TOO_MANY), GOOD], {
      config: { breaker: { minimumCalls: 2, openMs: 60_000 } },
    });
    expect((await success(pipeline)).tries).toEqual(['rate-limit', 'rate-limit', 'rate-limit', 'ok']);
  });

  it('30: "x-should-retry: false" on a 503 is obeyed', async () => {
    const { server, pipeline } = await aScene([
      refuses('503 Service Unavailable', undefined, ['x-should-retry: false']),
      GOOD,
    ]);
    const { error } = await failure(pipeline);
    expect({ code: error.code, retryable: error.retryable, requests: server.requests.length }).toEqual({
      code: 'overloaded',
      retryable: false,
      requests: 1,
    });
  });

  it('30: "x-should-retry: true" on a 400 is obeyed', async () => {
    const { pipeline } = await aScene([refuses('400 Bad Request', undefined, ['x-should-retry: true']), GOOD]);
    expect((await success(pipeline)).tries).toEqual(['bad-request', 'ok']);
  });
});

describe('a 429 that says when', () => {
  it('23: is waited out by the limiter, never less, at no cost in attempts', async () => {
    const scene = await quick([refuses(TOO_MANY, undefined, ['retry-after: 2']), GOOD], { retry: { maxAttempts: 1 } });
    const { tries, events } = await success(scene.pipeline);
    expect(tries).toEqual(['rate-limit', 'ok']);
    expect(gap(scene)).toBeGreaterThanOrEqual(2_000);
    expect(gap(scene)).toBeLessThan(3_500);
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', for: 'quota' }));
  });

  it('23: holds everybody of its key back, also those who had been admitted and stood in line for a slot', async () => {
    const scene = await quick(
      [refuses(TOO_MANY, undefined, ['retry-after: 2']), answers('First.'), answers('Second.')],
      { concurrency: { max: 1 } },
    );
    const [first, second] = await Promise.all([success(scene.pipeline), success(scene.pipeline)]);
    expect([first.tries, second.tries]).toEqual([['rate-limit', 'ok'], ['ok']]);
    expect(gap(scene)).toBeGreaterThanOrEqual(2_000);
  });

  it.each([0, 3_600_000, -3_600_000])(
    "24: by a date is read against the server's own clock (which is %d ms ahead of ours)",
    async (skewMs) => {
      const serversNow = Math.ceil(Date.now() / 1000) * 1000 + skewMs;
      const headers = [
        `date: ${new Date(serversNow).toUTCString()}`,
        `retry-after: ${new Date(serversNow + 2_000).toUTCString()}`,
      ];
      const scene = await quick([refuses(TOO_MANY, undefined, headers), GOOD], { retry: { maxAttempts: 1 } });
      expect((await success(scene.pipeline)).tries).toEqual(['rate-limit', 'ok']);
      expect(gap(scene)).toBeGreaterThanOrEqual(2_000);
      expect(gap(scene)).toBeLessThan(3_500);
    },
  );

  it('25: without a hint pauses nobody and is tried again after a backoff', async () => {
    const { pipeline, server } = await aScene([refuses(TOO_MANY), GOOD], {
      config: { retry: { baseMs: 60, jitter: 'none', capMs: 60 } },
    });
    const { events } = await success(pipeline);
    expect(events.find(({ type }) => type === 'retry-scheduled')).toMatchObject({ delayMs: 60, reason: 'rate-limit' });
    expect(events.some(({ type }) => type === 'waiting')).toBe(false);
    expect(server.arrivals[1]! - server.arrivals[0]!).toBeGreaterThanOrEqual(59);
  });

  it.each(['soon', '-5', '0', ''])('26: with the hint "%s" pauses nobody', async (hint) => {
    const { pipeline } = await aScene([refuses(TOO_MANY, undefined, [`retry-after: ${hint}`]), GOOD]);
    const { events, tries } = await success(pipeline);
    expect({ tries, waited: events.some(({ type }) => type === 'waiting') }).toEqual({
      tries: ['rate-limit', 'ok'],
      waited: false,
    });
  });

  it('27: tomorrow sends the generation along the next route at once', async () => {
    const scene = await aScene([refuses(TOO_MANY, undefined, ['retry-after: 86400']), GOOD], { config: OTHER_MODEL });
    const { text, tries, end } = await success(scene.pipeline);
    expect({ text, tries, models: modelsAsked(scene) }).toEqual({
      text: 'Once upon a time.',
      tries: ['rate-limit', 'ok'],
      models: ['a/model', 'b/model'],
    });
    expect(end.attempts?.map(({ model }) => model)).toEqual(['a/model', 'b/model']);
  });

  it('29: in retry-after-ms beats Retry-After', async () => {
    const scene = await quick([refuses(TOO_MANY, undefined, ['retry-after: 60', 'retry-after-ms: 1500']), GOOD], {
      retry: { maxAttempts: 1 },
    });
    await success(scene.pipeline);
    expect(gap(scene)).toBeGreaterThanOrEqual(1_500);
    expect(gap(scene)).toBeLessThan(5_000);
  });
});

describe('a quota that is spent', () => {
  const SPENT = {
    error: { code: 'insufficient_quota', message: 'You exceeded your current quota', type: 'insufficient_quota' },
  };

  it('28: is not tried again', async () => {
    const { server, pipeline } = await aScene([refuses(TOO_MANY, SPENT), GOOD]);
    const { error, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RateLimitError);
    expect({ code: error.code, retryable: error.retryable, tries, requests: server.requests.length }).toEqual({
      code: 'quota',
      retryable: false,
      tries: ['quota'],
      requests: 1,
    });
  });

  it('28: leads to the next route', async () => {
    const scene = await aScene([refuses(TOO_MANY, SPENT), GOOD], { config: OTHER_MODEL });
    expect((await success(scene.pipeline)).tries).toEqual(['quota', 'ok']);
    expect(modelsAsked(scene)).toEqual(['a/model', 'b/model']);
  });
});

describe('a refusal for this model alone', () => {
  const TOO_LONG = { error: { code: 400, message: 'too long', metadata: { error_type: 'context_length_exceeded' } } };

  it.each([
    ['a prompt that is too long', refuses('400 Bad Request', TOO_LONG), 'context-length'],
    ['a 413', refuses('413 Payload Too Large'), 'context-length'],
    ['a 402', refuses('402 Payment Required'), 'payment-required'],
    ['a 403', refuses('403 Forbidden'), 'permission'],
    ['a 404', refuses('404 Not Found'), 'not-found'],
  ])('32: %s leads to the next route, and is a failure without one', async (_, refusal, code) => {
    const scene = await aScene([refusal, GOOD], { config: OTHER_MODEL });
    expect((await success(scene.pipeline)).tries).toEqual([code, 'ok']);
    expect(modelsAsked(scene)).toEqual(['a/model', 'b/model']);
  });

  it.each([
    ['a 400', refuses('400 Bad Request')],
    ['a 422', refuses('422 Unprocessable Entity')],
  ])('32: %s is a mistake in the request, which no other route would mend', async (_, refusal) => {
    const scene = await aScene([refusal, GOOD], { config: OTHER_MODEL });
    expect((await failure(scene.pipeline)).tries).toEqual(['bad-request']);
  });
});

describe('when every attempt fails in its own way', () => {
  it('110: the last failure is the cause, and all attempts are told', async () => {
    const { pipeline } = await aScene(
      [[{ request: true }, { rst: true }], refuses('500 Internal Server Error'), refuses('503 Service Unavailable')],
      { config: { retry: { maxAttempts: 3 } } },
    );
    const { error, cause, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect({ cause: cause?.code, tries }).toEqual({
      cause: 'overloaded',
      tries: ['connection', 'server-error', 'overloaded'],
    });
    expect(error.attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, undefined],
      [2, 500],
      [3, 503],
    ]);
  });

  it('110: a 429 at last is a RateLimitError', async () => {
    const { pipeline } = await aScene([refuses('500 Internal Server Error'), refuses(TOO_MANY)], {
      config: { retry: { maxAttempts: 2 } },
    });
    const { error, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(tries).toEqual(['server-error', 'rate-limit']);
  });

  it('110: on every route, the last failure of each is told', async () => {
    const { pipeline } = await aScene(
      [refuses('500 Internal Server Error'), refuses('500 Internal Server Error'), refuses('503 Service Unavailable')],
      { config: { ...OTHER_MODEL, retry: { maxAttempts: 2 } } },
    );
    const { error, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(error.routeFailures?.map(({ code, status }) => [code, status])).toEqual([
      ['retry-exhausted', 500],
      ['retry-exhausted', 503],
    ]);
    expect(tries).toEqual(['server-error', 'server-error', 'overloaded', 'overloaded']);
  });
});
