import { describe, expect, it } from '@jest/globals';
import { Subject, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { RequestContext } from '../../../src/core/context.js';
import { ApiError, RateLimitError, TimeoutError } from '../../../src/core/errors/classes.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import { ATTEMPT_MONITOR, SILENT_MONITOR } from '../../../src/core/monitor.js';
import type { StateStore } from '../../../src/core/ports.js';
import type { Limits } from '../../../src/core/provider.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { RateLimitSettings, TimeoutSettings } from '../../../src/core/settings.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import type { GenerationState } from '../../../src/core/state.js';
import type { Usage } from '../../../src/core/usage.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, CUSTOM, NO_TIMEOUTS, TEXT, watch } from '../chain.js';
import { anAdmission, NO_RATE_LIMITS } from './admission-parts.js';

interface Scene {
  /** The vendor's own limits. */
  readonly limits?: Limits;
  readonly settings?: Partial<RateLimitSettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
  readonly clock?: ManualClock;
  /** Two scenes with the same store are two processes. */
  readonly store?: StateStore;
  /** Attempts at once. */
  readonly slots?: number;
}

/** A limited provider; each call of `generate` is an attempt that the test moves on. */
function scene({
  limits = { minIntervalMs: 1_000 },
  settings = {},
  timeouts = {},
  clock = new ManualClock(),
  store = memoryStateStore(),
  slots,
}: Scene = {}) {
  const interceptor = anAdmission(clock, {
    limits: localLimits({ clock, skewMs: 250, store }),
    slots: slots === undefined ? undefined : localSlots(clock, slots),
    timeouts: { ...NO_TIMEOUTS, ...timeouts },
    rateLimit: { ...NO_RATE_LIMITS, ...settings },
    limitKeys: ({ model }) => (model === 'unlimited' ? [] : [{ key: 'free', limits }]),
  });
  const generate = (
    parts: Partial<GenerationRequest> = {},
    onError: (state: GenerationState) => void = () => undefined,
  ) => {
    const attempts: Subject<GenerationEvent>[] = [];
    let begun: GenerationRequest | undefined;
    const handler = (request: GenerationRequest): Observable<GenerationEvent> => {
      begun = request;
      const events = new Subject<GenerationEvent>();
      attempts.push(events);
      return events;
    };
    const request = aRequest(parts);
    const run = watch(chain(handler, interceptor)(request).pipe(tap({ error: () => onError(stateOf(request)) })));
    const connect = (): void => begun?.context.get(ATTEMPT_MONITOR).onConnect();
    const finish = (): void => {
      attempts.at(-1)?.next(anEnd());
      attempts.at(-1)?.complete();
    };
    return {
      run,
      attempts,
      /** The events of the attempt under way. */
      get events() {
        return attempts.at(-1)!;
      },
      state: stateOf(request),
      connect,
      finish,
      isBegun: () => begun !== undefined,
    };
  };
  return { clock, generate };
}

describe('the rate limit of admission', () => {
  it('admits the first request at once, without an event or time in the queue', () => {
    const { clock, generate } = scene();
    const { run, state, isBegun, finish } = generate();
    expect([isBegun(), run.events, state.queueMs, clock.pending]).toEqual([true, [], 0, 0]);
    finish();
    expect(run.isComplete).toBe(true);
  });

  it('delays the next one, reports until when, and counts its time in the queue', () => {
    const { clock, generate } = scene();
    generate().connect();
    clock.advance(400);
    const second = generate();
    expect(second.run.events).toEqual([{ type: 'waiting', for: 'rate-limit', untilMs: clock.now() + 600 }]);
    clock.advance(599);
    expect([second.isBegun(), second.state.queueMs]).toEqual([false, 0]);
    clock.advance(1);
    expect([second.isBegun(), second.state.queueMs]).toEqual([true, 600]);
    clock.advance(5_000);
    second.finish();
    expect([second.run.types, second.state.queueMs]).toEqual([['waiting', 'generation-end'], 600]);
  });

  it('adds up the time in the queue over the attempts of a generation', () => {
    const { clock, generate } = scene();
    const first = generate();
    first.connect();
    const { state } = generate(withState({}, { ...first.state, queueMs: 50 }));
    clock.advance(1_000);
    expect(state.queueMs).toBe(1_050);
  });

  it('counts a request from the moment it is written to a connected socket', () => {
    const { clock, generate } = scene();
    const first = generate();
    clock.advance(5_000);
    const second = generate();
    expect(second.run.events).toEqual([{ type: 'waiting', for: 'rate-limit' }]);
    first.connect();
    clock.advance(999);
    expect(second.isBegun()).toBe(false);
    clock.advance(1);
    expect(second.isBegun()).toBe(true);
  });

  it.each<[string, (attempt: ReturnType<ReturnType<typeof scene>['generate']>) => void]>([
    ['fails before it is sent', ({ events }) => events.error(new GenerationError('connection', 'refused'))],
    ['is left before it is sent', ({ run }) => run.stop()],
  ])('releases at once the share of a request that %s', (_how, end) => {
    const { clock, generate } = scene({ limits: { minIntervalMs: 1_000, requestsPerMinute: 1 } });
    const first = generate();
    const second = generate();
    end(first);
    expect([second.isBegun(), clock.pending]).toEqual([true, 0]);
  });

  it.each<[string, (attempt: ReturnType<ReturnType<typeof scene>['generate']>) => void]>([
    ['succeeds', ({ finish }) => finish()],
    ['fails', ({ events }) => events.error(new GenerationError('server-error', 'broken'))],
    ['is left', ({ run }) => run.stop()],
  ])('keeps counting a request that was sent, also when it %s', (_how, end) => {
    const { clock, generate } = scene();
    const first = generate();
    first.connect();
    clock.advance(10);
    end(first);
    const second = generate();
    clock.advance(989);
    expect(second.isBegun()).toBe(false);
    clock.advance(1);
    expect(second.isBegun()).toBe(true);
  });

  it('counts an attempt as sent if its provider has its own connection and does not report to the monitor', () => {
    const { clock, generate } = scene();
    const first = generate();
    first.state.current = { attempt: 1, characters: 0, sent: true };
    first.run.stop();
    const second = generate();
    clock.advance(999);
    expect(second.isBegun()).toBe(false);
    clock.advance(1);
    expect(second.isBegun()).toBe(true);
  });

  it('releases the share of an attempt that began but never reached a server', () => {
    const { generate } = scene();
    const first = generate();
    first.state.current = { attempt: 1, characters: 0, sent: false };
    first.events.error(new GenerationError('connection', 'refused'));
    expect(generate().isBegun()).toBe(true);
  });

  it('does not confuse an earlier attempt of the generation with this one', () => {
    const { generate } = scene();
    const current = { attempt: 1, characters: 0, sent: true };
    const first = generate(withState({}, { ...newGenerationState(0), current }));
    first.run.stop();
    expect(generate().isBegun()).toBe(true);
  });

  it('removes a waiter at once, and counts its time in the queue', () => {
    const { clock, generate } = scene();
    generate().connect();
    const [second, third] = [generate(), generate()];
    clock.advance(300);
    second.run.stop();
    expect([second.state.queueMs, clock.pending]).toEqual([300, 1]);
    clock.advance(700);
    expect([second.isBegun(), third.isBegun()]).toEqual([false, true]);
    third.run.stop();
    expect(clock.pending).toBe(0);
  });

  it('fails with a non-retryable queue timeout after queueMs, with the time in the queue recorded', () => {
    const { clock, generate } = scene({ timeouts: { queueMs: 400 } });
    generate().connect();
    const second = generate();
    clock.advance(400);
    expect(second.run.error).toBeInstanceOf(TimeoutError);
    expect(second.run.error).toMatchObject({ code: 'timeout', timer: 'queue', retryable: false });
    expect(second.run.error.message).toBe(
      'The request waited longer than 400 ms for the rate limit. Raise timeouts.queueMs or the limit.',
    );
    expect([second.isBegun(), clock.pending]).toEqual([false, 0]);
  });

  it('records the time in the queue before it reports the failure', () => {
    const { clock, generate } = scene({ timeouts: { queueMs: 400 } });
    generate().connect();
    const told: number[] = [];
    generate({}, (state) => told.push(state.queueMs));
    clock.advance(400);
    expect(told).toEqual([400]);
  });

  it('has no queue timeout once it is admitted', () => {
    const { clock, generate } = scene({ timeouts: { queueMs: 400 } });
    const first = generate();
    first.connect();
    clock.advance(10_000);
    first.finish();
    expect(first.run.isComplete).toBe(true);
  });

  it("prefers the request's own queueMs to the configured one", () => {
    const { clock, generate } = scene({ timeouts: { queueMs: 400 } });
    generate().connect();
    const second = generate({ overrides: { timeouts: { queueMs: 0 } } });
    clock.advance(1_000);
    expect(second.isBegun()).toBe(true);
  });

  it.each<[string, Limits, Partial<RateLimitSettings>]>([
    ["0 takes the vendor's limit away", { minIntervalMs: 1_000 }, { minIntervalMs: 0 }],
    ["0 takes the vendor's window away", { requestsPerMinute: 1 }, { requestsPerMinute: 0 }],
    ['there is none', {}, {}],
  ])('passes a request unchanged if %s', (_what, limits, settings) => {
    const { clock, generate } = scene({ limits, settings });
    const attempts = [generate(), generate(), generate()];
    attempts.forEach(({ connect }) => connect());
    expect([attempts.every(({ isBegun }) => isBegun()), clock.pending]).toEqual([true, 0]);
  });

  it("overrides the vendor's limits one by one", () => {
    const { clock, generate } = scene({
      limits: { minIntervalMs: 1_000, requestsPerMinute: 1 },
      settings: { minIntervalMs: 200, requestsPerMinute: 2 },
    });
    generate().connect();
    const second = generate();
    clock.advance(200);
    expect(second.isBegun()).toBe(true);
    second.connect();
    const third = generate();
    clock.advance(60_249 - 200);
    expect(third.isBegun()).toBe(false);
    clock.advance(1);
    expect(third.isBegun()).toBe(true);
  });

  it('passes a request without keys, and does not queue it behind others', () => {
    const { generate } = scene();
    generate().connect();
    const free = generate({ model: 'unlimited' });
    expect([free.isBegun(), free.run.events]).toEqual([true, []]);
  });

  it('forwards unknown events, and keeps reporting to the outer monitor', () => {
    const { generate } = scene();
    let connections = 0;
    const context = RequestContext.empty.with(ATTEMPT_MONITOR, {
      ...SILENT_MONITOR,
      onConnect: () => {
        connections += 1;
      },
    });
    const { run, events, connect } = generate({ context });
    events.next(CUSTOM);
    events.next(TEXT);
    connect();
    expect([run.events[0], run.events.length, connections]).toEqual([CUSTOM, 2, 1]);
  });
});

describe('the tokens of an attempt', () => {
  /** At most 226 tokens by the bound, and four times as many before the vendor has counted a prompt. */
  const prompt = { messages: [{ role: 'user' as const, content: 'x'.repeat(400) }] };
  const ended = ({ state, finish }: ReturnType<ReturnType<typeof scene>['generate']>, usage: Usage): void => {
    state.attempts.push({
      attempt: 1,
      provider: 'fake',
      model: 'a-model',
      outcome: 'success',
      sent: true,
      startedAt: 0,
      latencyMs: 1,
      usage,
    });
    finish();
  };

  it('are reserved as the cap and four times the bound of the prompt, until the vendor has counted a prompt', () => {
    const isSecondBegun = (maxTokens: number): boolean => {
      const { generate } = scene({ limits: { tokensPerMinute: 2_000 } });
      generate({ ...prompt, maxTokens: 96 }).connect();
      return generate({ ...prompt, maxTokens }).isBegun();
    };
    expect([isSecondBegun(96), isSecondBegun(97)]).toEqual([true, false]);
  });

  it('are reserved as the cap and the bound of the prompt, once the vendor has counted one', () => {
    const isSecondBegun = (maxTokens: number): boolean => {
      const { generate } = scene({ limits: { tokensPerMinute: 1_000 } });
      const first = generate({ ...prompt, maxTokens: 10 });
      first.connect();
      ended(first, { inputTokens: 110, outputTokens: 390, source: 'reported' });
      return generate({ ...prompt, maxTokens }).isBegun();
    };
    expect([isSecondBegun(274), isSecondBegun(275)]).toEqual([true, false]);
  });

  it('are the whole window without a cap', () => {
    const { generate } = scene({ limits: { tokensPerMinute: 1_000 } });
    generate().connect();
    expect(generate({ maxTokens: 1 }).isBegun()).toBe(false);
  });

  it('are settled at the end by the usage of the attempt', () => {
    const { generate } = scene({ limits: { tokensPerMinute: 1_000 } });
    const first = generate({ ...prompt, maxTokens: 900 });
    first.connect();
    const second = generate({ messages: [], maxTokens: 492 });
    ended(first, { inputTokens: 110, outputTokens: 390, source: 'reported' });
    expect(second.isBegun()).toBe(true);
    expect(generate({ maxTokens: 1 }).isBegun()).toBe(false);
  });

  it('stay reserved for the minute after an answer that broke off without a count', () => {
    const { generate } = scene({ limits: { tokensPerMinute: 1_000 } });
    const first = generate({ messages: [], maxTokens: 900 });
    first.connect();
    first.finish();
    expect(generate({ messages: [], maxTokens: 100 }).isBegun()).toBe(false);
  });

  it('are released by an attempt that was never sent', () => {
    const { generate } = scene({ limits: { tokensPerMinute: 1_000 } });
    const first = generate({ ...prompt, maxTokens: 900 });
    const second = generate({ ...prompt, maxTokens: 900 });
    first.run.stop();
    expect(second.isBegun()).toBe(true);
  });

  it('have a configurable limit', () => {
    const { generate } = scene({ limits: {}, settings: { tokensPerMinute: 500 } });
    generate({ maxTokens: 500 }).connect();
    expect(generate({ maxTokens: 1 }).isBegun()).toBe(false);
    const unlimited = scene({ limits: { tokensPerMinute: 1 }, settings: { tokensPerMinute: 0 } });
    unlimited.generate().connect();
    expect(unlimited.generate().isBegun()).toBe(true);
  });
});

/** A generation that may make no request after this one: a 429 fails it. */
const LAST = withState({}, { ...newGenerationState(0), requests: 24 });

describe('the pauses that admission learns', () => {
  const refusedUntil = (events: Subject<GenerationEvent>, retryAt: number, quota = false): void =>
    events.error(new RateLimitError('slow down', { retryAt, quota }));

  it('come from a 429 with a reset: no request is sent before it, and waiting callers are notified', () => {
    const { clock, generate } = scene({ limits: { minIntervalMs: 1_000 } });
    const first = generate(LAST);
    first.connect();
    const waiting = generate();
    const until = clock.now() + 20_000;
    refusedUntil(first.events, until);
    const late = generate();
    expect(first.run.error.code).toBe('rate-limit');
    expect(waiting.run.events).toEqual([
      { type: 'waiting', for: 'rate-limit', untilMs: clock.now() + 1_000 },
      { type: 'waiting', for: 'quota', untilMs: until },
    ]);
    expect(late.run.events).toEqual([{ type: 'waiting', for: 'quota', untilMs: until }]);
    clock.advance(19_999);
    expect(waiting.isBegun()).toBe(false);
    clock.advance(1);
    expect(waiting.isBegun()).toBe(true);
  });

  it('hold in another process with the same state', () => {
    const one = scene({ limits: {} });
    const store = memoryStateStore();
    const [first, second] = [
      scene({ limits: {}, clock: one.clock, store }),
      scene({ limits: {}, clock: one.clock, store }),
    ];
    refusedUntil(first.generate().events, one.clock.now() + 20_000);
    const waiting = second.generate();
    expect(waiting.run.events).toEqual([{ type: 'waiting', for: 'quota', untilMs: one.clock.now() + 20_000 }]);
    one.clock.advance(20_000);
    expect(waiting.isBegun()).toBe(true);
  });

  it.each<[string, (now: number) => GenerationError]>([
    ['a 429 without a reset', () => new RateLimitError('slow down')],
    [
      'another failure with a hint',
      (now) => new ApiError('overloaded', 'busy', { status: 503, retryAt: now + 20_000 }),
    ],
    ['a failure of our own', () => new TypeError('no') as unknown as GenerationError],
  ])('do not come from %s', (_what, error) => {
    const { clock, generate } = scene({ limits: {} });
    generate().events.error(error(clock.now()));
    expect(generate().isBegun()).toBe(true);
  });

  it('send a refused attempt to the head of the queue, at no cost', () => {
    const { clock, generate } = scene();
    const refused = generate();
    refused.connect();
    const waiting = generate();
    refusedUntil(refused.events, clock.now() + 5_000);
    expect(refused.run.events).toEqual([
      { type: 'retry-scheduled', attempt: 1, delayMs: 0, reason: 'rate-limit', isFree: true },
      { type: 'waiting', for: 'quota', untilMs: clock.now() + 5_000 },
    ]);
    clock.advance(5_000);
    expect([refused.attempts.length, waiting.isBegun(), refused.state.queueMs]).toEqual([2, false, 5_000]);
    refused.connect();
    clock.advance(1_000);
    expect(waiting.isBegun()).toBe(true);
  });

  it('grow if a server names a moment that has passed, again and again', () => {
    const { clock, generate } = scene({ limits: {} });
    const attempt = generate();
    const sentAt: number[] = [];
    for (let refusal = 0; refusal < 4; refusal += 1) {
      sentAt.push(clock.monotonic());
      refusedUntil(attempt.events, clock.now() - 1_000);
      clock.advance(60_000);
    }
    const waits = attempt.run.events.flatMap((event) => (event.type === 'waiting' ? [event.untilMs] : []));
    const started = new ManualClock().now();
    expect({ requests: attempt.attempts.length, waits, sentAt }).toEqual({
      requests: 5,
      waits: [61_000, 122_000, 184_000].map((ms) => started + ms),
      sentAt: [0, 60_000, 120_000, 180_000],
    });
  });
});

describe('a 429 with a reset that is too late to wait for', () => {
  const refuse = (
    generate: ReturnType<typeof scene>['generate'],
    error: RateLimitError,
    parts: Partial<GenerationRequest> = {},
  ): void => generate(parts).events.error(error);

  it('pauses the key if the quota is spent', () => {
    const { clock, generate } = scene({ limits: {} });
    refuse(generate, new RateLimitError('spent', { quota: true, retryAt: clock.now() + 90_500 }));
    expect(generate().run.error).toMatchObject({ code: 'quota', retryAt: clock.now() + 90_500 });
  });

  it("does not pause it otherwise: it may be one model's trouble", () => {
    const { clock, generate } = scene({ limits: {} });
    refuse(generate, new RateLimitError('slow down', { retryAt: clock.now() + 90_001 }));
    expect(generate().isBegun()).toBe(true);
    refuse(generate, new RateLimitError('slow down', { retryAt: clock.now() + 5_001 }), {
      overrides: { retry: { maxRetryAfterMs: 5_000 } },
    });
    expect(generate().isBegun()).toBe(true);
    refuse(generate, new RateLimitError('slow down', { retryAt: clock.now() + 90_000 }));
    expect(generate().isBegun()).toBe(false);
  });
});

describe('an attempt that waits for a slot while the server asks for a pause', () => {
  /** One slot: the second attempt waits for it. */
  const slotted = (limits: Limits = {}) => scene({ limits, slots: 1 });

  it('returns to the head of the queue, releases its slot, and is sent after the pause', () => {
    const { clock, generate } = slotted({ requestsPerMinute: 2 });
    const [first, second] = [generate(LAST), generate()];
    expect([second.isBegun(), second.run.types]).toEqual([false, ['waiting']]);
    first.connect();
    const third = generate();
    first.events.error(new RateLimitError('slow down', { retryAt: clock.now() + 70_000 }));
    expect([second.isBegun(), second.run.events.at(-1)]).toEqual([
      false,
      { type: 'waiting', for: 'quota', untilMs: clock.now() + 70_000 },
    ]);
    clock.advance(70_000);
    expect([second.isBegun(), third.isBegun()]).toEqual([true, false]);
    second.connect();
    second.finish();
    expect([second.run.isComplete, third.isBegun()]).toEqual([true, true]);
  });

  it('continues without a pause, also if it spent the day itself', () => {
    const { generate } = slotted({ requestsPerDay: 2 });
    const [first, second] = [generate(), generate()];
    first.connect();
    first.finish();
    expect(second.isBegun()).toBe(true);
  });

  it('forwards other errors unchanged', () => {
    const failure = new GenerationError('bad-request', 'no');
    const { generate } = slotted();
    const attempt = generate();
    attempt.events.error(failure);
    expect(attempt.run.error).toBe(failure);
  });
});

describe('a wait that is known to be long', () => {
  const HOUR_MS = 3_600_000;
  const MIDNIGHT = Date.UTC(2026, 0, 2);

  it('fails at once with retryAt, as a spent quota', () => {
    const { clock, generate } = scene({ limits: { requestsPerDay: 1 }, clock: new ManualClock(MIDNIGHT - HOUR_MS) });
    generate().connect();
    const second = generate();
    expect(second.run.error).toBeInstanceOf(RateLimitError);
    expect(second.run.error).toMatchObject({ code: 'quota', retryable: false, status: 429, retryAt: MIDNIGHT });
    expect(second.run.error.message).toBe(
      'Rate limit exhausted until 2026-01-02T00:00:00.000Z. Try again then, or use another model.',
    );
    expect([second.run.events, clock.pending, second.isBegun()]).toEqual([[], 0, false]);
  });

  it('fails in a new process too, until midnight', () => {
    const [clock, store] = [new ManualClock(MIDNIGHT - HOUR_MS), memoryStateStore()];
    scene({ limits: {}, settings: { requestsPerDay: 1 }, clock, store })
      .generate()
      .connect();
    const other = scene({ limits: {}, settings: { requestsPerDay: 1 }, clock, store });
    expect(other.generate().run.error).toMatchObject({ code: 'quota', retryAt: MIDNIGHT });
    clock.advance(HOUR_MS);
    expect(other.generate().isBegun()).toBe(true);
  });

  it('fails waiting callers as soon as it is known', () => {
    const { clock, generate } = scene({
      limits: { requestsPerDay: 2, minIntervalMs: 1_000 },
      clock: new ManualClock(MIDNIGHT - HOUR_MS),
    });
    generate().connect();
    const [second, third, fourth] = [generate(), generate(), generate()];
    expect(fourth.run.hasFailed).toBe(false);
    clock.advance(1_000);
    expect(second.isBegun()).toBe(true);
    expect([third, fourth].map(({ run }) => [run.error.code, run.error.retryAt])).toEqual([
      ['quota', MIDNIGHT],
      ['quota', MIDNIGHT],
    ]);
    expect(clock.pending).toBe(0);
    expect(third.state.queueMs).toBe(1_000);
  });

  it("is waited out up to maxRetryAfterMs, the request's own first", () => {
    const { clock, generate } = scene({ limits: { requestsPerDay: 1 }, clock: new ManualClock(MIDNIGHT - 90_000) });
    generate().connect();
    const waits = generate();
    const impatient = generate({ overrides: { retry: { maxRetryAfterMs: 89_999 } } });
    expect(waits.run.events).toEqual([{ type: 'waiting', for: 'quota', untilMs: MIDNIGHT }]);
    expect(impatient.run.error.code).toBe('quota');
    const other = scene({ limits: { requestsPerDay: 1 }, clock: new ManualClock(MIDNIGHT - 90_001) });
    other.generate().connect();
    expect(other.generate().run.error.code).toBe('quota');
    clock.advance(90_000);
    expect(waits.isBegun()).toBe(true);
  });

  it('fails at once if it would reach the deadline', () => {
    const { clock, generate } = scene({ limits: { requestsPerDay: 1 }, clock: new ManualClock(MIDNIGHT - 5_000) });
    generate().connect();
    clock.advance(100);
    expect(generate(withState({}, { ...newGenerationState(0), deadlineAt: 5_000 })).run.error.code).toBe('quota');
    expect(generate(withState({}, { ...newGenerationState(0), deadlineAt: 5_001 })).run.hasFailed).toBe(false);
  });

  it('fails only if the server or the day has set it, not because of a long queue', () => {
    const { generate } = scene({ limits: { minIntervalMs: 200_000 } });
    generate().connect();
    expect(generate().run.types).toEqual(['waiting']);
  });
});

describe('a state that cannot be kept', () => {
  it('fails an attempt before anything is sent', () => {
    const store: StateStore = {
      update: () => {
        throw new GenerationError('configuration', 'no disk');
      },
    };
    const attempt = scene({ limits: { requestsPerDay: 5 }, store }).generate();
    expect([attempt.run.error.message, attempt.isBegun()]).toEqual(['no disk', false]);
  });
});
