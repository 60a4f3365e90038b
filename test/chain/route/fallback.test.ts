import { describe, expect, it } from '@jest/globals';
import { concat, of, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { ErrorDetails } from '../../../src/core/errors/generation-error.js';
import type { ErrorCode } from '../../../src/core/errors/codes.js';
import { RateLimitError, RetryExhaustedError, TimeoutError } from '../../../src/core/errors/classes.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { Route } from '../../../src/core/routes.js';
import { HAS_OTHER_ROUTE } from '../../../src/core/routes.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import { fallback } from '../../../src/chain/route/fallback.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, answering, chain, failing, REASONING, TEXT, TOOL_CALL, watch } from '../chain.js';

const GOOD = of(TEXT, anEnd());
const ROUTES: readonly Route[] = [{ model: 'b-model' }, { provider: 'other' }, { provider: 'third', model: 'c-model' }];

function generate(
  streams: readonly Observable<GenerationEvent>[],
  {
    routes = ROUTES,
    request = {},
  }: { readonly routes?: readonly Route[]; readonly request?: Partial<GenerationRequest> } = {},
) {
  const clock = new ManualClock();
  const { handler, requests } = answering(...streams);
  const whole = aRequest(request);
  const run = watch(chain(handler, fallback(routes, clock))(whole));
  const taken = (): string[] => requests.map(({ provider, model }) => `${provider}/${model}`);
  return { clock, run, requests, taken, state: stateOf(whole) };
}

const failure = (code: ErrorCode, details: ErrorDetails = {}): Observable<never> =>
  failing(() => new GenerationError(code, `no: ${code}`, details));
const exhausted = (): Observable<never> =>
  failing(() => new RetryExhaustedError('all failed', { cause: new Error('busy') }));

describe('fallback', () => {
  it("tries the request's own provider and model first, and no other if they answer", () => {
    const { run, taken } = generate([GOOD]);
    expect([run.isComplete, taken()]).toEqual([true, ['fake/a-model']]);
  });

  it('reports a wait once if it goes on at the next route', () => {
    const waits = (...reports: readonly { readonly for: 'slot' | 'quota'; readonly untilMs?: number }[]) =>
      of(...reports.map((report) => ({ type: 'waiting' as const, ...report })));
    const { run } = generate([
      concat(waits({ for: 'slot' }), exhausted()),
      concat(waits({ for: 'slot' }, { for: 'quota', untilMs: 1_000 }), exhausted()),
      concat(waits({ for: 'quota', untilMs: 2_000 }), of(REASONING), exhausted()),
      concat(waits({ for: 'quota', untilMs: 2_000 }), GOOD),
    ]);
    expect(run.events).toEqual([
      { type: 'waiting', for: 'slot' },
      { type: 'waiting', for: 'quota', untilMs: 1_000 },
      { type: 'waiting', for: 'quota', untilMs: 2_000 },
      REASONING,
      { type: 'waiting', for: 'quota', untilMs: 2_000 },
      TEXT,
      anEnd(),
    ]);
  });

  it('tries one route after the other, each with its own model or provider and everything else equal', () => {
    const { run, taken, requests } = generate([exhausted(), exhausted(), exhausted(), GOOD], {
      request: { maxTokens: 7 },
    });
    expect(taken()).toEqual(['fake/a-model', 'fake/b-model', 'other/a-model', 'third/c-model']);
    expect([run.isComplete, run.types, requests.every(({ maxTokens }) => maxTokens === 7)]).toEqual([
      true,
      ['text-delta', 'generation-end'],
      true,
    ]);
  });

  it('sets for interceptors further in whether there is another route', () => {
    const { requests } = generate([exhausted()]);
    expect(requests.map(({ context }) => context.get(HAS_OTHER_ROUTE))).toEqual([true, true, true, false]);
    const alone = generate([exhausted()], { routes: [] });
    expect(alone.requests.map(({ context }) => context.get(HAS_OTHER_ROUTE))).toEqual([false]);
  });

  it.each<[string, Observable<never>]>([
    ['exhausted attempts', exhausted()],
    ['an open breaker', failure('circuit-open')],
    ['a spent quota', failing(() => new RateLimitError('spent', { quota: true, retryAt: 5 }))],
    ['a rate limit that takes too long', failing(() => new RateLimitError('slow down', { retryAt: 5 }))],
    ['a queue that took too long', failing(() => new TimeoutError('queue', 'late'))],
    ['an attempt that took too long', failing(() => new TimeoutError('attempt', 'late', { retryable: true }))],
    ['401', failure('authentication')],
    ['402', failure('payment-required')],
    ['403', failure('permission')],
    ['404', failure('not-found')],
    ['a prompt that is too long', failure('context-length')],
    ['a single allowed attempt that failed', failure('overloaded', { retryable: true })],
  ])('falls back after %s', (_what, stream) => {
    const { run, taken } = generate([stream, GOOD]);
    expect([run.isComplete, taken()]).toEqual([true, ['fake/a-model', 'fake/b-model']]);
  });

  it.each<[string, Observable<never>]>([
    ['a mistake in the request', failure('bad-request')],
    ['invalid input', failure('invalid-input')],
    ['a content filter', failure('content-filter')],
    ['a spent budget', failure('budget')],
    ['a part that decides about all routes and did not answer', failure('unavailable', { retryable: true })],
    [
      'retries for that part',
      failing(() => new RetryExhaustedError('all', { cause: new GenerationError('unavailable', 'x') })),
    ],
    ['an abort', failure('aborted')],
    ['a mistake in a program', failing(() => new TypeError('no'))],
    ["the generation's deadline", failing(() => new TimeoutError('deadline', 'late'))],
    ['an answer that broke off', failure('interrupted')],
    ['a buffer limit', failure('buffer-limit')],
    ['a wrong configuration', failure('configuration')],
  ])('does not fall back after %s', (_what, stream) => {
    const { run, taken } = generate([stream, GOOD]);
    expect([run.hasFailed, taken()]).toEqual([true, ['fake/a-model']]);
  });

  it.each<[string, GenerationEvent]>([
    ['text', TEXT],
    ['a tool call', TOOL_CALL],
  ])('never falls back once %s has been delivered', (_what, event) => {
    const { run, taken } = generate([concat(of(event), exhausted()), GOOD]);
    expect([run.error.code, taken()]).toEqual(['retry-exhausted', ['fake/a-model']]);
  });

  it('falls back after reasoning, which does not commit', () => {
    expect(generate([concat(of(REASONING), exhausted()), GOOD]).run.isComplete).toBe(true);
  });

  it('does not fall back after the deadline', () => {
    const { run, taken } = generate([exhausted(), GOOD], {
      request: withState({}, { ...newGenerationState(0), deadlineAt: 0 }),
    });
    expect([run.hasFailed, taken()]).toEqual([true, ['fake/a-model']]);
    expect(
      generate([exhausted(), GOOD], { request: withState({}, { ...newGenerationState(0), deadlineAt: 1 }) }).run
        .isComplete,
    ).toBe(true);
  });

  it('fails with the last failure, which lists those of all routes with provider and model', () => {
    const { run } = generate([
      failure('payment-required'),
      failing(() => new RateLimitError('spent', { quota: true, retryAt: 7 })),
      exhausted(),
      failure('overloaded', { retryable: true }),
    ]);
    expect(run.error.code).toBe('overloaded');
    expect(run.error.routeFailures?.map(({ code, provider, model }) => [code, provider, model])).toEqual([
      ['payment-required', 'fake', 'a-model'],
      ['quota', 'fake', 'b-model'],
      ['retry-exhausted', 'other', 'a-model'],
      ['overloaded', 'third', 'c-model'],
    ]);
    expect(run.error.routeFailures?.at(-1)).toMatchObject({ code: run.error.code, message: run.error.message });
  });

  it('fails with an error that can be written as JSON, though it is among its own route failures', () => {
    const { run } = generate([failure('payment-required'), exhausted(), exhausted(), exhausted()]);
    const written = JSON.parse(JSON.stringify(run.error)) as {
      readonly code: string;
      readonly routeFailures: readonly unknown[];
    };
    expect(written.code).toBe('retry-exhausted');
    expect(written.routeFailures[0]).toMatchObject({
      code: 'payment-required',
      message: 'no: payment-required',
      provider: 'fake',
      model: 'a-model',
    });
    expect(written.routeFailures).toHaveLength(4);
  });

  it('has no route failures if only one route was tried', () => {
    expect(generate([failure('bad-request')]).run.error.routeFailures).toBeUndefined();
    expect(generate([exhausted()], { routes: [] }).run.error.routeFailures).toBeUndefined();
  });

  it("prefers the request's routes to the configured ones, also an empty list", () => {
    const own = generate([exhausted(), GOOD], { request: { overrides: { routes: [{ model: 'z-model' }] } } });
    expect(own.taken()).toEqual(['fake/a-model', 'fake/z-model']);
    const none = generate([exhausted(), GOOD], { request: { overrides: { routes: [] } } });
    expect([none.run.hasFailed, none.taken()]).toEqual([true, ['fake/a-model']]);
  });

  it('tries a duplicate route once', () => {
    const { taken } = generate([exhausted()], {
      routes: [
        { model: 'a-model' },
        { model: 'b-model' },
        { provider: 'fake', model: 'b-model' },
        {},
        { model: 'c-model' },
      ],
    });
    expect(taken()).toEqual(['fake/a-model', 'fake/b-model', 'fake/c-model']);
  });

  it.each<[ErrorCode, boolean]>([
    ['authentication', true],
    ['payment-required', true],
    ['permission', true],
    ['not-found', true],
    ['quota', false],
    ['circuit-open', false],
    ['retry-exhausted', false],
    ['context-length', false],
  ])('remembers for the rest of the generation that a route has refused it (%s: %p)', (code, isDead) => {
    const { state } = generate([failure(code), GOOD]);
    expect([...state.deadRoutes]).toEqual(isDead ? ['fake/a-model'] : []);
    const { taken } = generate([GOOD], { request: withState({}, state) });
    expect(taken()).toEqual([isDead ? 'fake/b-model' : 'fake/a-model']);
  });

  it('tries the last route once more if all have refused it', () => {
    const first = generate([failure('authentication')], { routes: [{ model: 'b-model' }] });
    expect(first.state.deadRoutes.size).toBe(2);
    const second = generate([failure('authentication')], {
      routes: [{ model: 'b-model' }],
      request: withState({}, first.state),
    });
    expect([second.run.error.code, second.taken()]).toEqual(['authentication', ['fake/b-model']]);
  });

  it('stops the current route on unsubscription', () => {
    const stream = new Subject<GenerationEvent>();
    const { run, requests } = generate([exhausted(), stream]);
    expect(stream.observed).toBe(true);
    run.stop();
    expect([stream.observed, requests.length]).toEqual([false, 2]);
  });
});
