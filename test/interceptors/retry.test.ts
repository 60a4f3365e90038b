import { describe, expect, it } from '@jest/globals';
import { concat, NEVER, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { ErrorDetails } from '../../src/core/errors/generation-error.js';
import { ApiError, InterruptedError, RateLimitError, RetryExhaustedError, TimeoutError } from '../../src/core/errors/kin.js';
import type { GenerationEvent, RetryScheduled } from '../../src/core/events.js';
import type { GenerationRequest } from '../../src/core/request.js';
import type { RetrySettings } from '../../src/core/settings.js';
import { newGenerationState } from '../../src/core/state.js';
import { retry } from '../../src/interceptors/retry.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { anEnd, answering, chain, CUSTOM, failing, REASONING, TEXT, TOOL_CALL, watch } from './chain.js';

const SETTINGS: RetrySettings = { maxAttempts: 4, baseMs: 1_000, capMs: 60_000, jitter: 'none', maxRetryAfterMs: 90_000 };
const GOOD = of(TEXT, anEnd());
const HOUR_MS = 3_600_000;

interface Scene {
  readonly settings?: Partial<RetrySettings>;
  readonly maxRequests?: number;
  readonly chance?: number;
  readonly request?: Partial<GenerationRequest>;
}

/** A generation under way whose attempts are these streams, one after the other. */
function generate(streams: readonly Observable<GenerationEvent>[], { settings = {}, maxRequests = 24, chance = 0.5, request = {} }: Scene = {}) {
  const clock = new ManualClock();
  const { handler, requests } = answering(...streams);
  const interceptor = retry({ retry: { ...SETTINGS, ...settings }, maxRequests, clock, random: () => chance });
  const run = watch(chain(handler, interceptor)(aRequest(request)));
  const delays = (): number[] => run.events.filter((event): event is RetryScheduled => event.type === 'retry-scheduled').map(({ delayMs }) => delayMs);
  return { clock, run, requests, delays };
}

const overloaded = (details: ErrorDetails = {}): Observable<never> => failing(() => new ApiError('overloaded', 'busy', { retryable: true, status: 503, ...details }));
/** A 429; the clock of a scene starts at `new ManualClock().now()`. */
const limited = (inMs?: number): Observable<never> => failing(() => new RateLimitError('slow down', inMs === undefined ? {} : { retryAt: new ManualClock().now() + inMs }));

describe('before the commit point, retry', () => {
  it('tries a retryable failure again after its backoff, and says so at once', () => {
    const { clock, run, requests } = generate([overloaded(), GOOD]);
    expect(run.events).toEqual([{ type: 'retry-scheduled', attempt: 2, delayMs: 1_000, reason: 'overloaded' }]);
    clock.advance(999);
    expect(requests).toHaveLength(1);
    clock.advance(1);
    expect(run.types).toEqual(['retry-scheduled', 'text-delta', 'generation-end']);
    expect([run.isComplete, requests.length, clock.pending]).toEqual([true, 2, 0]);
  });

  it('sends the same request again, untouched', () => {
    const { clock, requests } = generate([overloaded(), GOOD]);
    clock.advance(1_000);
    expect(requests[1]).toBe(requests[0]);
  });

  it.each<[string, GenerationEvent]>([['reasoning', REASONING], ['a custom event', CUSTOM], ['metadata', { type: 'response-metadata', responseId: 'r-1' }], ['a queue', { type: 'waiting', for: 'slot' }]])(
    'takes %s for no commit', (_what, event) => {
      const { clock, run, requests } = generate([concat(of(event), overloaded()), GOOD]);
      clock.advance(HOUR_MS);
      expect([run.isComplete, requests.length]).toEqual([true, 2]);
      expect(run.events[0]).toBe(event);
    });

  it('hands on at once what is not retryable, as it is', () => {
    const failure = new GenerationError('context-length', 'too long', { status: 400 });
    const { run, requests, clock } = generate([failing(() => failure), GOOD]);
    expect(run.error).toBe(failure);
    expect([requests.length, clock.pending, run.events.length]).toEqual([1, 0, 0]);
  });

  it('takes a foreign error for a mistake in a program', () => {
    const { run, requests } = generate([failing(() => new TypeError('undefined is no function')), GOOD]);
    expect(run.error).toMatchObject({ code: 'internal', cause: new TypeError('undefined is no function') });
    expect(requests).toHaveLength(1);
  });

  it('retries a timeout of an attempt, but not one of a queue', () => {
    const late = (retryable: boolean): Observable<never> => failing(() => new TimeoutError(retryable ? 'headers' : 'queue', 'late', { retryable }));
    const headers = generate([late(true), GOOD]);
    headers.clock.advance(HOUR_MS);
    expect(headers.run.isComplete).toBe(true);
    expect(generate([late(false), GOOD]).run.error).toMatchObject({ code: 'timeout', timer: 'queue' });
  });
});

describe('after the commit point, retry', () => {
  it.each<[string, GenerationEvent]>([['text', TEXT], ['a tool call', TOOL_CALL]])('does not try again once %s has been delivered', (_what, event) => {
    const { clock, run, requests } = generate([concat(of(event), overloaded({ retryAt: 5, provider: 'fake', model: 'a-model' })), GOOD]);
    expect(run.error).toBeInstanceOf(InterruptedError);
    expect(run.error).toMatchObject({ code: 'interrupted', retryable: false, status: 503, retryAt: 5, provider: 'fake', model: 'a-model', cause: { code: 'overloaded' } });
    expect(run.error.message).toBe('The answer broke off before its end: busy');
    clock.advance(HOUR_MS);
    expect([requests.length, run.events.length]).toEqual([1, 1]);
  });

  it('does not confuse the attempts: what an earlier one thought commits nothing, what a later one says does', () => {
    const { clock, run, requests } = generate([concat(of(REASONING), overloaded()), concat(of(TEXT), overloaded()), GOOD]);
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
    const { clock, delays } = generate([overloaded()], { settings: { maxAttempts: 6, capMs: 5_000, jitter }, chance: 0.25 });
    clock.advance(HOUR_MS);
    expect(delays()).toEqual(expected);
  });

  it('takes the settings of the request before those of the configuration', () => {
    const { clock, delays, requests } = generate([overloaded()], { request: { overrides: { retry: { baseMs: 10, maxAttempts: 2 } } } });
    clock.advance(HOUR_MS);
    expect([delays(), requests.length]).toEqual([[10], 2]);
  });

  it.each([
    [0, 20_000],
    [0.5, 21_000],
  ])('has a server\'s hint as its floor, jitter going only upwards (chance %d)', (chance, expected) => {
    const { delays } = generate([overloaded({ retryAt: new ManualClock().now() + 20_000 }), GOOD], { chance });
    expect(delays()).toEqual([expected]);
  });

  it('is not cut down to a hint that is shorter than the backoff', () => {
    const { delays } = generate([overloaded({ retryAt: new ManualClock().now() + 5 }), GOOD]);
    expect(delays()).toEqual([1_000]);
  });

  it('is the backoff where the hint has passed already', () => {
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
    const waiting = generate([overloaded(), GOOD], { request: { state: { ...newGenerationState(0), deadlineAt: 1_001 } } });
    expect(waiting.delays()).toEqual([1_000]);
    const late = generate([overloaded(), GOOD], { request: { state: { ...newGenerationState(0), deadlineAt: 1_000 } } });
    expect(late.run.error.code).toBe('overloaded');
    expect([late.run.events.length, late.clock.pending]).toEqual([0, 0]);
  });
});

describe('retry gives up', () => {
  it('after maxAttempts, with the last failure as the cause', () => {
    const { clock, run, requests } = generate([overloaded(), overloaded({ status: 500, provider: 'fake', model: 'b-model' })], { settings: { maxAttempts: 3 } });
    clock.advance(HOUR_MS);
    expect(requests).toHaveLength(3);
    expect(run.error).toBeInstanceOf(RetryExhaustedError);
    expect(run.error).toMatchObject({ code: 'retry-exhausted', status: 500, provider: 'fake', model: 'b-model', cause: { code: 'overloaded' } });
    expect(run.error.message).toBe('All 3 attempts failed; the last one: busy');
  });

  it('with the failure itself where only one attempt was allowed', () => {
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

  it('at maxRequests of the generation, whatever maxAttempts says', () => {
    const { clock, run, requests } = generate([overloaded()], { settings: { maxAttempts: 10 }, maxRequests: 5, request: { state: { ...newGenerationState(0), requests: 2 } } });
    clock.advance(HOUR_MS);
    expect([requests.length, run.error.code]).toEqual([3, 'retry-exhausted']);
  });
});

describe('a 429 whose reset is known', () => {
  it('is waited out at no cost in attempts', () => {
    const { clock, run, requests } = generate([limited(2_000), overloaded(), overloaded(), GOOD], { settings: { maxAttempts: 3 } });
    clock.advance(HOUR_MS);
    expect([run.isComplete, requests.length]).toEqual([true, 4]);
  });

  it('is waited out up to its reset, and no shorter', () => {
    const { clock, delays, requests } = generate([limited(2_000), GOOD], { chance: 0 });
    expect(delays()).toEqual([2_000]);
    clock.advance(1_999);
    expect(requests).toHaveLength(1);
    clock.advance(1);
    expect(requests).toHaveLength(2);
  });

  it('counts only against maxRequests, and stays a RateLimitError', () => {
    const { clock, run, requests } = generate([limited(60_000)], { maxRequests: 7, settings: { maxAttempts: 2 } });
    clock.advance(HOUR_MS);
    expect(requests).toHaveLength(7);
    expect(run.error).toBeInstanceOf(RateLimitError);
  });

  it('costs an attempt where the reset is unknown', () => {
    const { clock, requests } = generate([limited()], { settings: { maxAttempts: 3 } });
    clock.advance(HOUR_MS);
    expect(requests).toHaveLength(3);
  });
});

describe('a request that was never sent', () => {
  const refused = (): Observable<never> => failing(() => new GenerationError('connection', 'refused', { retryable: true, neverSent: true }));

  it('has one retry without backoff and at no cost in attempts', () => {
    const { clock, run, delays, requests } = generate([refused(), overloaded(), GOOD], { settings: { maxAttempts: 2 } });
    expect(delays()).toEqual([0]);
    clock.advance(0);
    expect(requests).toHaveLength(2);
    clock.advance(HOUR_MS);
    expect([run.isComplete, requests.length]).toEqual([true, 3]);
    expect(delays()).toEqual([0, 1_000]);
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
