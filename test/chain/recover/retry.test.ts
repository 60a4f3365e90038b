import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, defer, NEVER, of, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { ErrorDetails } from '../../../src/core/errors/generation-error.js';
import {
  ApiError,
  InterruptedError,
  RateLimitError,
  RetryExhaustedError,
  TimeoutError,
} from '../../../src/core/errors/classes.js';
import type { GenerationEvent, RetryScheduled } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { RetrySettings } from '../../../src/core/settings.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import { HAS_OTHER_ROUTE } from '../../../src/core/routes.js';
import { RequestContext } from '../../../src/core/context.js';
import { retry } from '../../../src/chain/recover/retry.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { enter } from '../admit/enter.js';
import { RUNS } from '../../support/runs.js';
import { anAdmission, RETRY, someBreakers, someRetryBudgets } from '../admit/admission-parts.js';
import { anEnd, answering, chain, CUSTOM, failing, NO_TIMEOUTS, REASONING, TEXT, TOOL_CALL, watch } from '../chain.js';

const GOOD = of(TEXT, anEnd());
const HOUR_MS = 3_600_000;
const ONE_KEY = { key: 'free', limits: {} };

interface Scene {
  readonly settings?: Partial<RetrySettings>;
  readonly maxRequests?: number;
  readonly chance?: number;
  readonly request?: Partial<GenerationRequest>;
  /** How many retries the budget holds at first. */
  readonly retries?: number;
  /** Whether `admission` stands behind it, with one limit key. */
  readonly isLimited?: boolean;
}

/** A generation under way whose attempts are these streams, one after the other. */
function generate(
  streams: readonly Observable<GenerationEvent>[],
  { settings = {}, maxRequests = 24, chance = 0.5, request = {}, retries = 35, isLimited = false }: Scene = {},
) {
  const clock = new ManualClock();
  const [budgets, breakers] = [someRetryBudgets(clock, retries), someBreakers(clock)];
  const { handler, requests } = answering(...streams);
  const interceptor = retry({
    retry: { ...RETRY, ...settings },
    maxRequests,
    clock,
    random: () => chance,
    budgets,
    breakers,
    timeouts: NO_TIMEOUTS,
  });
  const limits = isLimited ? [anAdmission(clock, { breakers, maxRequests, limitKeys: () => [ONE_KEY] })] : [];
  const run = watch(chain(handler, interceptor, ...limits)(aRequest(request)));
  const delays = (): number[] =>
    run.events
      .filter((event): event is RetryScheduled => event.type === 'retry-scheduled')
      .map(({ delayMs }) => delayMs);
  return { clock, run, requests, delays, budgets, breakers, interceptor };
}

const overloaded = (details: ErrorDetails = {}): Observable<never> =>
  failing(() => new ApiError('overloaded', 'busy', { retryable: true, status: 503, ...details }));
/** A 429; the clock of a scene starts at `new ManualClock().now()`. */
const limited = (inMs?: number): Observable<never> =>
  failing(() => new RateLimitError('slow down', inMs === undefined ? {} : { retryAt: new ManualClock().now() + inMs }));

describe('before the commit point, retry', () => {
  it('retries a retryable failure after its backoff, and reports that at once', () => {
    const { clock, run, requests } = generate([overloaded(), GOOD]);
    expect(run.events).toEqual([{ type: 'retry-scheduled', attempt: 2, delayMs: 1_000, reason: 'overloaded' }]);
    clock.advance(999);
    expect(requests).toHaveLength(1);
    clock.advance(1);
    expect(run.types).toEqual(['retry-scheduled', 'text-delta', 'generation-end']);
    expect([run.isComplete, requests.length, clock.pending]).toEqual([true, 2, 0]);
  });

  it('sends the same request again, unchanged', () => {
    const { clock, requests } = generate([overloaded(), GOOD]);
    clock.advance(1_000);
    expect(requests[1]).toBe(requests[0]);
  });

  it.each<[string, GenerationEvent]>([
    ['reasoning', REASONING],
    ['a custom event', CUSTOM],
    ['metadata', { type: 'response-metadata', responseId: 'r-1' }],
    ['a queue', { type: 'waiting', for: 'slot' }],
  ])('does not count %s as a commit', (_what, event) => {
    const { clock, run, requests } = generate([concat(of(event), overloaded()), GOOD]);
    clock.advance(HOUR_MS);
    expect([run.isComplete, requests.length]).toEqual([true, 2]);
    expect(run.events[0]).toBe(event);
  });

  it('forwards a failure that is not retryable at once, unchanged', () => {
    const failure = new GenerationError('context-length', 'too long', { status: 400 });
    const { run, requests, clock } = generate([failing(() => failure), GOOD]);
    expect(run.error).toBe(failure);
    expect([requests.length, clock.pending, run.events.length]).toEqual([1, 0, 0]);
  });

  it('leaves a part that does not answer to admission, which has waited for it as long as it may', () => {
    const failure = new GenerationError('unavailable', 'the limits do not answer', { retryable: true });
    const { run, requests } = generate([failing(() => failure), GOOD]);
    expect({ isSame: run.error === failure, requests: requests.length }).toEqual({ isSame: true, requests: 1 });
  });

  it('treats a foreign error as a bug', () => {
    const { run, requests } = generate([failing(() => new TypeError('undefined is no function')), GOOD]);
    expect(run.error).toMatchObject({ code: 'internal', cause: new TypeError('undefined is no function') });
    expect(requests).toHaveLength(1);
  });

  it('retries a timeout of an attempt, but not one of a queue', () => {
    const late = (retryable: boolean): Observable<never> =>
      failing(() => new TimeoutError(retryable ? 'headers' : 'queue', 'late', { retryable }));
    const headers = generate([late(true), GOOD]);
    headers.clock.advance(HOUR_MS);
    expect(headers.run.isComplete).toBe(true);
    expect(generate([late(false), GOOD]).run.error).toMatchObject({ code: 'timeout', timer: 'queue' });
  });
});

describe('after the commit point, retry', () => {
  it.each<[string, GenerationEvent]>([
    ['text', TEXT],
    ['a tool call', TOOL_CALL],
  ])('does not retry once %s has been delivered', (_what, event) => {
    const { clock, run, requests } = generate([
      concat(of(event), overloaded({ retryAt: 5, provider: 'fake', model: 'a-model' })),
      GOOD,
    ]);
    expect(run.error).toBeInstanceOf(InterruptedError);
    expect(run.error).toMatchObject({
      code: 'interrupted',
      retryable: false,
      status: 503,
      retryAt: 5,
      provider: 'fake',
      model: 'a-model',
      cause: { code: 'overloaded' },
    });
    expect(run.error.message).toBe('The answer broke off before its end: busy');
    clock.advance(HOUR_MS);
    expect([requests.length, run.events.length]).toEqual([1, 1]);
  });

  it('does not confuse attempts: the reasoning of an earlier one does not commit, the text of a later one does', () => {
    const { clock, run, requests } = generate([
      concat(of(REASONING), overloaded()),
      concat(of(TEXT), overloaded()),
      GOOD,
    ]);
    clock.advance(HOUR_MS);
    expect(run.error.code).toBe('interrupted');
    expect(requests).toHaveLength(2);
  });
});

describe('the delay of a retry', () => {
  it.each([
    ['none', [1_000, 2_000, 4_000, 5_000, 5_000]],
    ['full', [250, 500, 1_000, 1_250, 1_250]],
    ['equal', [625, 1_250, 2_500, 3_125, 3_125]],
  ] as const)('doubles from baseMs to capMs with %s jitter', (jitter, expected) => {
    const { clock, delays } = generate([overloaded()], {
      settings: { maxAttempts: 6, capMs: 5_000, jitter },
      chance: 0.25,
    });
    clock.advance(HOUR_MS);
    expect(delays()).toEqual(expected);
  });

  it("prefers the request's settings to the configured ones", () => {
    const { clock, delays, requests } = generate([overloaded()], {
      request: { overrides: { retry: { baseMs: 10, maxAttempts: 2 } } },
    });
    clock.advance(HOUR_MS);
    expect([delays(), requests.length]).toEqual([[10], 2]);
  });

  it.each([
    [0, 20_000],
    [0.5, 21_000],
  ])("is at least the server's hint, with jitter only added (random value %d)", (chance, expected) => {
    const { delays } = generate([overloaded({ retryAt: new ManualClock().now() + 20_000 }), GOOD], { chance });
    expect(delays()).toEqual([expected]);
  });

  it('is not shortened to a hint below the backoff', () => {
    const { delays } = generate([overloaded({ retryAt: new ManualClock().now() + 5 }), GOOD]);
    expect(delays()).toEqual([1_000]);
  });

  it('is the backoff if the hint is in the past', () => {
    const { delays } = generate([overloaded({ retryAt: 0 }), GOOD]);
    expect(delays()).toEqual([1_000]);
  });

  it('waits out a hint of maxRetryAfterMs and fails at once on a longer one, with retryAt', () => {
    const retryAt = new ManualClock().now() + 90_000;
    expect(generate([overloaded({ retryAt }), GOOD], { chance: 0 }).delays()).toEqual([90_000]);
    const { run, clock } = generate([overloaded({ retryAt: retryAt + 1 }), GOOD]);
    expect(run.error).toMatchObject({ code: 'overloaded', retryAt: retryAt + 1 });
    expect([run.events.length, clock.pending]).toEqual([0, 0]);
  });

  it('fails at once if it would reach the deadline', () => {
    const waiting = generate([overloaded(), GOOD], {
      request: withState({}, { ...newGenerationState(0), deadlineAt: 1_001 }),
    });
    expect(waiting.delays()).toEqual([1_000]);
    const late = generate([overloaded(), GOOD], {
      request: withState({}, { ...newGenerationState(0), deadlineAt: 1_000 }),
    });
    expect(late.run.error.code).toBe('overloaded');
    expect([late.run.events.length, late.clock.pending]).toEqual([0, 0]);
  });
});

describe('retry gives up', () => {
  it('after maxAttempts, with the last failure as the cause', () => {
    const { clock, run, requests } = generate(
      [overloaded(), overloaded({ status: 500, provider: 'fake', model: 'b-model' })],
      { settings: { maxAttempts: 3 } },
    );
    clock.advance(HOUR_MS);
    expect(requests).toHaveLength(3);
    expect(run.error).toBeInstanceOf(RetryExhaustedError);
    expect(run.error).toMatchObject({
      code: 'retry-exhausted',
      status: 500,
      provider: 'fake',
      model: 'b-model',
      cause: { code: 'overloaded' },
    });
    expect(run.error.message).toBe('All 3 attempts failed; the last one: busy');
  });

  it('naming the attempts that counted: no free retry, and none of another route', () => {
    const neverSent = () => new GenerationError('connection', 'refused', { retryable: true, neverSent: true });
    const { clock, run, requests } = generate([failing(neverSent), overloaded()], {
      settings: { maxAttempts: 3 },
      request: withState({}, { ...newGenerationState(0), requests: 4 }),
    });
    clock.advance(HOUR_MS);
    expect({ requests: requests.length, message: run.error.message }).toEqual({
      requests: 4,
      message: 'All 3 attempts failed; the last one: busy',
    });
  });

  it('with the failure itself if only one attempt was allowed', () => {
    const { run, requests } = generate([overloaded(), GOOD], { settings: { maxAttempts: 1 } });
    expect([run.error.code, run.error.name, requests.length]).toEqual(['overloaded', 'ApiError', 1]);
  });

  it('with a RateLimitError whenever a 429 is what ended the call', () => {
    const { clock, run, requests } = generate([overloaded(), limited()], { settings: { maxAttempts: 3 } });
    clock.advance(HOUR_MS);
    expect(run.error).toBeInstanceOf(RateLimitError);
    expect(requests).toHaveLength(3);
  });

  it('as soon as the failure itself allows no more retries', () => {
    const { clock, run, requests } = generate([overloaded({ retryLimit: 1 })]);
    clock.advance(HOUR_MS);
    expect([requests.length, run.error.code]).toEqual([2, 'overloaded']);
  });

  it('counting only failures of that kind against what they allow', () => {
    const { clock, requests, run } = generate([overloaded(), overloaded(), overloaded({ retryLimit: 1 }), GOOD]);
    clock.advance(HOUR_MS);
    expect([requests.length, run.isComplete]).toEqual([4, true]);
  });

  it('at maxRequests of the generation, whatever maxAttempts says', () => {
    const { clock, run, requests } = generate([overloaded()], {
      settings: { maxAttempts: 10 },
      maxRequests: 5,
      request: withState({}, { ...newGenerationState(0), requests: 2 }),
    });
    clock.advance(HOUR_MS);
    expect([requests.length, run.error.code]).toEqual([3, 'retry-exhausted']);
    expect(run.error.message).toBe(
      'The generation has made 5 requests, and no more are allowed (limits.maxRequests); the last one failed: busy',
    );
  });
});

describe('a 429 whose reset is known', () => {
  const behindLimits = (streams: readonly Observable<GenerationEvent>[], parts: Scene = {}) =>
    generate(streams, { ...parts, isLimited: true });

  it('returns to the head of its queue at once, without using up an attempt', () => {
    const { clock, run, requests } = behindLimits([limited(2_000), overloaded(), overloaded(), GOOD], {
      settings: { maxAttempts: 3 },
    });
    clock.advance(HOUR_MS);
    expect([run.isComplete, requests.length]).toEqual([true, 4]);
  });

  it('is waited out by the limiter: the attempt follows without its own backoff', () => {
    const { clock, delays, requests, run } = behindLimits([limited(2_000), overloaded(), GOOD]);
    expect([delays(), requests.length]).toEqual([[0], 1]);
    clock.advance(2_000);
    expect([delays(), requests.length]).toEqual([[0, 1_000], 2]);
    clock.advance(1_000);
    expect(run.isComplete).toBe(true);
  });

  it('takes nothing from the retry budget', () => {
    const { clock, run, requests } = behindLimits([limited(2_000), limited(2_000), limited(2_000), GOOD], {
      retries: 1,
    });
    clock.advance(HOUR_MS);
    expect([run.isComplete, requests.length]).toEqual([true, 4]);
    expect(run.events).not.toContainEqual(expect.objectContaining({ for: 'retry-budget' }));
  });

  it('fails at once if the reset is beyond maxRetryAfterMs or the deadline, with retryAt', () => {
    const late = behindLimits([limited(90_001), GOOD]);
    expect(late.run.error).toMatchObject({ code: 'rate-limit', retryAt: late.clock.now() + 90_001 });
    const bounded = behindLimits([limited(2_000), GOOD], {
      request: withState({}, { ...newGenerationState(0), deadlineAt: 2_000 }),
    });
    expect([bounded.run.error.code, bounded.requests.length, bounded.clock.pending]).toEqual(['rate-limit', 1, 0]);
    const inTime = behindLimits([limited(2_000), GOOD], {
      request: withState({}, { ...newGenerationState(0), deadlineAt: 2_001 }),
    });
    inTime.clock.advance(2_000);
    expect(inTime.run.isComplete).toBe(true);
  });

  it('costs no attempt if the reset has passed already, but waits a second when that happens again', () => {
    const { clock, delays, requests } = behindLimits([limited(0), limited(-5), GOOD], { settings: { maxAttempts: 1 } });
    expect([delays(), requests.length]).toEqual([[0, 0], 2]);
    clock.advance(999);
    expect(requests).toHaveLength(2);
    clock.advance(1);
    expect(requests).toHaveLength(3);
  });

  it('counts only against maxRequests, and stays a RateLimitError', () => {
    const { clock, run, requests } = behindLimits([limited(60_000)], { maxRequests: 7, settings: { maxAttempts: 2 } });
    clock.advance(HOUR_MS);
    expect(requests).toHaveLength(7);
    expect(run.error).toBeInstanceOf(RateLimitError);
  });

  it('uses up an attempt if the reset is unknown', () => {
    const { clock, requests } = behindLimits([limited()], { settings: { maxAttempts: 3 } });
    clock.advance(HOUR_MS);
    expect(requests).toHaveLength(3);
  });
});

describe('a request that was never sent', () => {
  const refused = (): Observable<never> =>
    failing(() => new GenerationError('connection', 'refused', { retryable: true, neverSent: true }));

  it('has one retry without backoff, which does not use up an attempt', () => {
    const { clock, run, delays, requests } = generate([refused(), overloaded(), GOOD], {
      settings: { maxAttempts: 2 },
    });
    expect([delays(), requests.length]).toEqual([[0, 1_000], 2]);
    clock.advance(HOUR_MS);
    expect([run.isComplete, requests.length]).toEqual([true, 3]);
    expect(delays()).toEqual([0, 1_000]);
  });

  it('queues like any other: it was not sent, so it was not refused', () => {
    const clock = new ManualClock();
    const attempts: Subject<GenerationEvent>[] = [];
    const handler = (): Observable<GenerationEvent> => {
      const events = new Subject<GenerationEvent>();
      attempts.push(events);
      return events;
    };
    const { interceptor } = generate([NEVER]);
    const limits = anAdmission(clock, { limitKeys: () => [{ key: 'free', limits: { requestsPerMinute: 1 } }] });
    const open = chain(handler, interceptor, limits);
    const [first, second] = [watch(open(aRequest())), watch(open(aRequest()))];
    attempts[0]!.error(new GenerationError('connection', 'refused', { retryable: true, neverSent: true }));
    attempts[1]!.next(TEXT);
    expect([first.types, second.types]).toEqual([
      ['retry-scheduled', 'waiting'],
      ['waiting', 'text-delta'],
    ]);
  });

  it('has only one such retry', () => {
    const { clock, run, delays, requests } = generate([refused()], { settings: { maxAttempts: 3 } });
    clock.advance(HOUR_MS);
    expect([delays(), requests.length]).toEqual([[0, 1_000, 2_000], 4]);
    expect(run.error.code).toBe('retry-exhausted');
  });
});

describe('leaving a retry', () => {
  it('during backoff clears the timer, and no attempt follows', () => {
    const { clock, run, requests } = generate([overloaded(), GOOD]);
    expect(clock.pending).toBe(1);
    run.stop();
    expect(clock.pending).toBe(0);
    clock.advance(HOUR_MS);
    expect([requests.length, run.hasFailed, run.isComplete]).toEqual([1, false, false]);
  });

  it('during a later attempt stops that one', () => {
    const { clock, run, requests } = generate([overloaded(), concat(of(TEXT), NEVER)]);
    clock.advance(1_000);
    expect(run.events.at(-1)).toEqual(TEXT);
    run.stop();
    clock.advance(HOUR_MS);
    expect([requests.length, clock.pending]).toEqual([2, 0]);
  });
});

describe('the retry budget', () => {
  /** Whether so many more retries are covered now; they are given back. */
  const covers = ({ budgets }: ReturnType<typeof generate>, count: number): boolean => {
    const entrants = Array.from({ length: count }, () => enter(budgets.acquire('fake')));
    const areCovered = entrants.every(({ isAdmitted }) => isAdmitted);
    entrants.forEach((entrant) => (entrant.isAdmitted ? entrant.lease.release() : entrant.leave()));
    return areCovered;
  };

  it('makes a retry wait for its refill if it is empty, reports that, and backs off after it', () => {
    const { clock, run, requests } = generate([overloaded(), overloaded(), GOOD], { retries: 1 });
    clock.advance(1_000);
    expect(requests).toHaveLength(2);
    expect(run.types).toEqual(['retry-scheduled', 'retry-scheduled', 'waiting']);
    expect(run.events.at(-1)).toEqual({
      type: 'waiting',
      for: 'retry-budget',
      untilMs: new ManualClock().now() + 10_000,
    });
    clock.advance(9_000 + 1_999);
    expect(requests).toHaveLength(2);
    clock.advance(1);
    expect([requests.length, run.isComplete]).toEqual([3, true]);
  });

  it('gets the tokens of its own retries back from a success', () => {
    const scene = generate([overloaded(), overloaded(), GOOD], { retries: 3 });
    scene.clock.advance(1_000);
    expect([covers(scene, 1), covers(scene, 2)]).toEqual([true, false]);
    scene.clock.advance(2_000);
    expect([scene.run.isComplete, covers(scene, 3)]).toEqual([true, true]);
  });

  it('gets nothing back from a failure', () => {
    const scene = generate([overloaded(), failing(() => new GenerationError('bad-request', 'no'))], { retries: 2 });
    scene.clock.advance(1_000);
    expect([scene.run.error.code, covers(scene, 1), covers(scene, 2)]).toEqual(['bad-request', true, false]);
  });

  it('gets nothing back for text alone: only a complete answer is a success', () => {
    const scene = generate([overloaded(), concat(of(TEXT), overloaded())], { retries: 2 });
    scene.clock.advance(1_000);
    expect([scene.run.error.code, covers(scene, 1), covers(scene, 2)]).toEqual(['interrupted', true, false]);
  });

  it('gets back the tokens of a retry unsubscribed during its backoff, but not of one that was sent', () => {
    const early = generate([overloaded(), GOOD], { retries: 1 });
    expect(covers(early, 1)).toBe(false);
    early.run.stop();
    expect(covers(early, 1)).toBe(true);
    const late = generate([overloaded(), NEVER], { retries: 1 });
    late.clock.advance(1_000);
    late.run.stop();
    expect(covers(late, 1)).toBe(false);
  });

  it.each<[string, { readonly queueMs: number; readonly own?: number }, boolean]>([
    ['as configured', { queueMs: 5_000 }, true],
    ['as the request says', { queueMs: 0, own: 5_000 }, true],
    ['as the request says, which may be forever', { queueMs: 5_000, own: 0 }, false],
    ['forever', { queueMs: 0 }, false],
  ])('is waited for as long as a queue may take: %s', (_name, { queueMs, own }, hasFailed) => {
    const clock = new ManualClock();
    const budgets = someRetryBudgets(clock, 1);
    enter(budgets.acquire('fake'));
    const request = aRequest({ overrides: own === undefined ? {} : { timeouts: { queueMs: own } } });
    const interceptor = retry({
      retry: RETRY,
      maxRequests: 24,
      clock,
      random: () => 0.5,
      budgets,
      breakers: someBreakers(clock),
      timeouts: { ...NO_TIMEOUTS, queueMs },
    });
    const run = watch(chain(answering(overloaded(), GOOD).handler, interceptor)(request));
    clock.advance(4_999);
    expect(run.hasFailed).toBe(false);
    clock.advance(1);
    expect(run.hasFailed).toBe(hasFailed);
    if (hasFailed)
      expect(run.error).toMatchObject({
        code: 'timeout',
        timer: 'queue',
        message: 'The request waited longer than 5000 ms for the retry budget. Raise timeouts.queueMs or retry.budget.',
      });
    clock.advance(HOUR_MS);
    expect({ isComplete: run.isComplete, queueMs: stateOf(request).queueMs }).toEqual({
      isComplete: !hasFailed,
      queueMs: hasFailed ? 5_000 : 10_000,
    });
  });

  it('is left at once by a waiting retry that is unsubscribed', () => {
    const scene = generate([overloaded()], { retries: 1 });
    scene.clock.advance(1_000);
    expect(scene.run.types.at(-1)).toBe('waiting');
    scene.run.stop();
    expect(scene.clock.pending).toBe(0);
  });

  it("is that of the provider: another one's is full", () => {
    const { clock, interceptor, requests } = generate([overloaded(), NEVER], { retries: 1 });
    clock.advance(1_000);
    const other = answering(overloaded(), GOOD);
    const run = watch(chain(other.handler, interceptor)(aRequest({ provider: 'other' })));
    clock.advance(1_000);
    expect([requests.length, run.isComplete]).toEqual([2, true]);
  });
});

describe('while the breaker is open', () => {
  const openBreaker = (hasOtherRoute: boolean, failures = 3) => {
    const clock = new ManualClock();
    const breakers = someBreakers(clock);
    for (let failure = 0; failure < failures; failure += 1)
      enter(breakers.acquire('fake/a-model')).lease.record('connection-failure');
    const { handler, requests } = answering(overloaded(), GOOD);
    const interceptor = retry({
      retry: RETRY,
      maxRequests: 24,
      clock,
      random: () => 0.5,
      budgets: someRetryBudgets(clock),
      breakers,
      timeouts: NO_TIMEOUTS,
    });
    const run = watch(
      chain(handler, interceptor)(aRequest({ context: RequestContext.empty.with(HAS_OTHER_ROUTE, hasOtherRoute) })),
    );
    return { clock, run, requests };
  };

  it('a generation with another route fails at once, as exhausted', () => {
    const { clock, run, requests } = openBreaker(true);
    expect(run.error).toMatchObject({ code: 'retry-exhausted', cause: { code: 'overloaded' } });
    expect([requests.length, run.events.length, clock.pending]).toEqual([1, 0, 0]);
  });

  it('one without is retried', () => {
    const { clock, run } = openBreaker(false);
    clock.advance(1_000);
    expect(run.isComplete).toBe(true);
  });

  it('and while it is closed one is retried, whatever other routes there are', () => {
    const { clock, run } = openBreaker(true, 2);
    clock.advance(1_000);
    expect(run.isComplete).toBe(true);
  });
});

describe('for any course of failures, retry', () => {
  type Kind = 'overloaded' | 'limited' | 'refused' | 'hinted' | 'bad' | 'good' | 'broken';
  const streamOf = (kind: Kind, now: () => number): Observable<GenerationEvent> => {
    switch (kind) {
      case 'overloaded':
        return overloaded();
      case 'limited':
        return failing(() => new RateLimitError('slow down', { retryAt: now() + 2_000 }));
      case 'refused':
        return failing(() => new GenerationError('connection', 'refused', { retryable: true, neverSent: true }));
      case 'hinted':
        return failing(() => new ApiError('overloaded', 'busy', { retryable: true, retryAt: now() + 7_000 }));
      case 'bad':
        return failing(() => new GenerationError('bad-request', 'no'));
      case 'broken':
        return concat(of(TEXT), overloaded());
      case 'good':
        return GOOD;
    }
  };

  it('makes no more requests than its bounds allow, none after the commit point, and leaves no timer (P13)', () => {
    const kinds = fc.array(
      fc.constantFrom<Kind>('overloaded', 'overloaded', 'limited', 'refused', 'hinted', 'bad', 'broken', 'good'),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(
        kinds,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        (course, maxAttempts, maxRequests) => {
          const clock = new ManualClock();
          const breakers = someBreakers(clock);
          const made: Kind[] = [];
          const handler = (request: GenerationRequest): Observable<GenerationEvent> =>
            defer(() => {
              const kind = course[made.length] ?? 'good';
              made.push(kind);
              stateOf(request).requests += 1;
              return streamOf(kind, () => clock.now());
            });
          const interceptor = retry({
            retry: { ...RETRY, maxAttempts },
            maxRequests,
            clock,
            random: () => 0.5,
            budgets: someRetryBudgets(clock, 3),
            breakers,
            timeouts: NO_TIMEOUTS,
          });
          const limits = anAdmission(clock, { breakers, maxRequests, limitKeys: () => [ONE_KEY] });
          const run = watch(chain(handler, interceptor, limits)(aRequest()));
          clock.advance(HOUR_MS);
          expect(run.isComplete || run.hasFailed).toBe(true);
          expect(clock.pending).toBe(0);
          expect(made.length).toBeLessThanOrEqual(maxRequests);
          expect(made.filter((kind) => kind !== 'limited').length).toBeLessThanOrEqual(maxAttempts + 1);
          expect(made.slice(0, -1).some((kind) => kind === 'broken' || kind === 'bad' || kind === 'good')).toBe(false);
          expect(run.isComplete).toBe(made.at(-1) === 'good');
        },
      ),
      RUNS,
    );
  });

  it('never waits less than a hint, nor more than the cap or a tenth above the hint, nor past the deadline (P6)', () => {
    const hints = fc.array(fc.option(fc.nat(120_000), { nil: undefined }), { minLength: 1, maxLength: 6 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const rules = fc.record({
      chance: random,
      jitter: fc.constantFrom('full', 'equal', 'none'),
      deadlineAt: fc.integer({ min: 1, max: 300_000 }),
    });
    fc.assert(
      fc.property(hints, rules, (course, { chance, jitter, deadlineAt }) => {
        const clock = new ManualClock();
        let made = 0;
        const handler = (): Observable<GenerationEvent> =>
          defer(() => {
            const hint = course[made];
            made += 1;
            return overloaded(hint === undefined ? {} : { retryAt: clock.now() + hint });
          });
        const interceptor = retry({
          retry: { ...RETRY, maxAttempts: course.length, jitter },
          maxRequests: 24,
          clock,
          random: () => chance,
          budgets: someRetryBudgets(clock),
          breakers: someBreakers(clock),
          timeouts: NO_TIMEOUTS,
        });
        const run = watch(
          chain(handler, interceptor)(aRequest(withState({}, { ...newGenerationState(0), deadlineAt }))),
        );
        clock.advance(deadlineAt);
        const delays = run.events.flatMap((event) => (event.type === 'retry-scheduled' ? [event.delayMs] : []));
        delays.forEach((delay, index) => {
          const hint = course[index] ?? 0;
          expect(delay).toBeGreaterThanOrEqual(hint);
          expect(delay).toBeLessThanOrEqual(Math.max(RETRY.capMs, 1.1 * hint));
        });
        expect(delays.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(deadlineAt);
        expect([run.hasFailed, clock.pending]).toEqual([true, 0]);
      }),
      RUNS,
    );
  });
});
