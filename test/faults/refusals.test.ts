import { describe, expect, it } from '@jest/globals';
import { RateLimitError, RetryExhaustedError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import { aScene, failure, success } from '../support/scene.js';
import type { Scene } from '../support/scene.js';
import { inScene, inWorld, LATENCY_MS, replies, streams } from '../support/simulated-scene.js';
import type { SimulatedScene } from '../support/simulated-scene.js';
import { answers, refuses } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const WHOLE = streams('Once upon a time.');
const TOO_MANY = '429 Too Many Requests';
const OTHER_MODEL: ConfigInput = { routes: [{ model: 'b/model' }] };
const modelsAsked = ({ server }: Scene): readonly unknown[] =>
  server.requests.map((request) => (JSON.parse(request.split('\r\n\r\n')[1]!) as { model: unknown }).model);

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

  it(
    '22: a 529 counts for the breaker',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [replies(529), replies(529), WHOLE], config: { breaker: { minimumCalls: 2, openMs: 4_000 } } },
        async ({ pipeline, server }) => {
          const { events, tries } = await success(pipeline);
          expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', for: 'breaker' }));
          expect(tries).toEqual(['overloaded', 'overloaded', 'ok']);
          expect(server.arrivals[2]! - server.arrivals[1]!).toBeGreaterThanOrEqual(4_000);
        },
      ),
    ),
  );

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
  const LIMITED = (headers: Readonly<Record<string, string>>) => replies(429, undefined, headers);
  const gap = ({ server }: SimulatedScene): number => server.arrivals[1]! - server.arrivals[0]!;
  /** From the request's arrival to the next one's: the wait, which begins when the answer has arrived, and may be up to a tenth longer. */
  const expectGap = (scene: SimulatedScene, waitMs: number): void => {
    expect(gap(scene)).toBeGreaterThanOrEqual(waitMs);
    expect(gap(scene)).toBeLessThanOrEqual(waitMs * 1.1 + 4 * LATENCY_MS);
  };

  it(
    '23: is waited out by the limiter, never less, at no cost in attempts',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [LIMITED({ 'retry-after': '2' }), WHOLE], config: { retry: { maxAttempts: 1 } } },
        async (scene) => {
          const { tries, events } = await success(scene.pipeline);
          expect(tries).toEqual(['rate-limit', 'ok']);
          expectGap(scene, 2_000);
          expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', for: 'quota' }));
        },
      ),
    ),
  );

  it(
    '23: holds everybody of its key back, also those who had been admitted and stood in line for a slot',
    inWorld((world) =>
      inScene(
        world,
        {
          scripts: [LIMITED({ 'retry-after': '2' }), streams('First.'), streams('Second.')],
          config: { concurrency: { max: 1 } },
        },
        async (scene) => {
          const [first, second] = await Promise.all([success(scene.pipeline), success(scene.pipeline)]);
          expect([first.tries, second.tries]).toEqual([['rate-limit', 'ok'], ['ok']]);
          expectGap(scene, 2_000);
        },
      ),
    ),
  );

  it.each([0, 3_600_000, -3_600_000])(
    "24: by a date is read against the server's own clock (which is %d ms ahead of ours)",
    (skewMs) =>
      inWorld(async (world) => {
        const serversNow = Math.ceil(world.now() / 1_000) * 1_000 + skewMs;
        const refusal = LIMITED({
          date: new Date(serversNow).toUTCString(),
          'retry-after': new Date(serversNow + 2_000).toUTCString(),
        });
        await inScene(world, { scripts: [refusal, WHOLE], config: { retry: { maxAttempts: 1 } } }, async (scene) => {
          expect((await success(scene.pipeline)).tries).toEqual(['rate-limit', 'ok']);
          expectGap(scene, 2_000);
        });
      })(),
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

  it(
    '29: in retry-after-ms beats Retry-After',
    inWorld((world) =>
      inScene(
        world,
        {
          scripts: [LIMITED({ 'retry-after': '60', 'retry-after-ms': '1500' }), WHOLE],
          config: { retry: { maxAttempts: 1 } },
        },
        async (scene) => {
          await success(scene.pipeline);
          expectGap(scene, 1_500);
        },
      ),
    ),
  );
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
