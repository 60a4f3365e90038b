import { describe, expect, it } from '@jest/globals';
import { Subject, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { RequestContext } from '../../src/core/context.js';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import { TimeoutError } from '../../src/core/errors/kin.js';
import type { GenerationEvent } from '../../src/core/events.js';
import { ATTEMPT_MONITOR, SILENT_MONITOR } from '../../src/core/monitor.js';
import type { Limits } from '../../src/core/provider.js';
import type { GenerationRequest } from '../../src/core/request.js';
import type { RateLimitSettings, TimeoutSettings } from '../../src/core/settings.js';
import { newGenerationState } from '../../src/core/state.js';
import type { GenerationState } from '../../src/core/state.js';
import { rateLimit } from '../../src/interceptors/rate-limit.js';
import { localRateLimiter } from '../../src/limiter/local-rate-limiter.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { anEnd, chain, CUSTOM, NO_TIMEOUTS, TEXT, watch } from './chain.js';

interface Scene {
  /** The vendor's own limits. */
  readonly limits?: Limits;
  readonly settings?: Partial<RateLimitSettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
}

/** A limited provider; each call of `generate` is an attempt that the test moves on. */
function scene({ limits = { minIntervalMs: 1_000 }, settings = {}, timeouts = {} }: Scene = {}) {
  const clock = new ManualClock();
  const interceptor = rateLimit({
    limiter: localRateLimiter(clock, 250), clock, timeouts: { ...NO_TIMEOUTS, ...timeouts },
    rateLimit: { minIntervalMs: null, requestsPerMinute: null, skewMs: 250, ...settings },
    limitKeys: ({ model }) => (model === 'unlimited' ? [] : [{ key: 'free', limits }]),
  });
  const generate = (parts: Partial<GenerationRequest> = {}, onError: (state: GenerationState) => void = () => undefined) => {
    const events = new Subject<GenerationEvent>();
    let begun: GenerationRequest | undefined;
    const handler = (request: GenerationRequest): Observable<GenerationEvent> => {
      begun = request;
      return events;
    };
    const request = aRequest(parts);
    const run = watch(chain(handler, interceptor)(request).pipe(tap({ error: () => onError(request.state) })));
    const connect = (): void => begun?.context.get(ATTEMPT_MONITOR).onConnect();
    const finish = (): void => {
      events.next(anEnd());
      events.complete();
    };
    return { run, events, state: request.state, connect, finish, isBegun: () => begun !== undefined };
  };
  return { clock, generate };
}

describe('rate-limit', () => {
  it('admits the first at once, without an event or time in the queue', () => {
    const { clock, generate } = scene();
    const { run, state, isBegun, finish } = generate();
    expect([isBegun(), run.events, state.queueMs, clock.pending]).toEqual([true, [], 0, 0]);
    finish();
    expect(run.isComplete).toBe(true);
  });

  it('holds the next one back, says until when, and counts its time in the queue', () => {
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
    const { state } = generate({ state: { ...first.state, queueMs: 50 } });
    clock.advance(1_000);
    expect(state.queueMs).toBe(1_050);
  });

  it('counts a request from the moment it goes onto a connected socket', () => {
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
  ])('gives back at once what a request took that %s', (_how, end) => {
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

  it('counts an attempt as sent where its provider has a connection of its own and tells the monitor nothing', () => {
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

  it('does not take an earlier attempt of the generation for this one', () => {
    const { generate } = scene();
    const current = { attempt: 1, characters: 0, sent: true };
    const first = generate({ state: { ...newGenerationState(0), current } });
    first.run.stop();
    expect(generate().isBegun()).toBe(true);
  });

  it('lets a waiter leave at once, with its time in the queue', () => {
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

  it('fails with a queue timeout after queueMs, not to be retried, the time in the queue told already', () => {
    const { clock, generate } = scene({ timeouts: { queueMs: 400 } });
    generate().connect();
    const second = generate();
    clock.advance(400);
    expect(second.run.error).toBeInstanceOf(TimeoutError);
    expect(second.run.error).toMatchObject({ code: 'timeout', timer: 'queue', retryable: false });
    expect([second.isBegun(), clock.pending]).toEqual([false, 0]);
  });

  it('tells the time in the queue before it fails, so that whoever hears of the failure finds it', () => {
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

  it('takes the request\'s own queueMs before that of the configuration', () => {
    const { clock, generate } = scene({ timeouts: { queueMs: 400 } });
    generate().connect();
    const second = generate({ overrides: { timeouts: { queueMs: 0 } } });
    clock.advance(1_000);
    expect(second.isBegun()).toBe(true);
  });

  it.each<[string, Limits, Partial<RateLimitSettings>]>([
    ['0 takes the vendor\'s limit away', { minIntervalMs: 1_000 }, { minIntervalMs: 0 }],
    ['0 takes the vendor\'s window away', { requestsPerMinute: 1 }, { requestsPerMinute: 0 }],
    ['there is none', {}, {}],
  ])('passes a request untouched where %s', (_what, limits, settings) => {
    const { clock, generate } = scene({ limits, settings });
    const attempts = [generate(), generate(), generate()];
    attempts.forEach(({ connect }) => connect());
    expect([attempts.every(({ isBegun }) => isBegun()), clock.pending]).toEqual([true, 0]);
  });

  it('replaces the vendor\'s figures one by one', () => {
    const { clock, generate } = scene({ limits: { minIntervalMs: 1_000, requestsPerMinute: 1 }, settings: { minIntervalMs: 200, requestsPerMinute: 2 } });
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

  it('leaves a request without keys alone, and does not queue it behind others', () => {
    const { generate } = scene();
    generate().connect();
    const free = generate({ model: 'unlimited' });
    expect([free.isBegun(), free.run.events]).toEqual([true, []]);
  });

  it('forwards what it does not understand, and tells the monitor that it found', () => {
    const { generate } = scene();
    let connections = 0;
    const context = RequestContext.empty.with(ATTEMPT_MONITOR, { ...SILENT_MONITOR, onConnect: () => { connections += 1; } });
    const { run, events, connect } = generate({ context });
    events.next(CUSTOM);
    events.next(TEXT);
    connect();
    expect([run.events[0], run.events.length, connections]).toEqual([CUSTOM, 2, 1]);
  });
});
