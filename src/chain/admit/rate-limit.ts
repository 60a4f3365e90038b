import { concat, defer, from, mergeAll, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import { afterAdmission } from './after-admission.js';
import { BREAKER_PASS, circuitOpen } from './breaker.js';
import type { Clock } from '../../core/clock.js';
import { contextKey } from '../../core/context.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { ErrorCode } from '../../core/errors/codes.js';
import { RateLimitError, TimeoutError } from '../../core/errors/classes.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import { WARNING } from '../../core/events.js';
import type { GenerationEvent } from '../../core/events.js';
import { failAfter } from '../../core/util/fail-after.js';
import { relay } from '../../core/util/relay.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../../core/monitor.js';
import type { Admission, DayQuotas, Permit, RateLimiter } from '../../core/ports.js';
import type { LimitKey, Limits } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import type { Usage } from '../../core/usage.js';
import type { RateLimitSettings, RetrySettings, TimeoutSettings } from '../../core/settings.js';

/** Dependencies of `rateLimit`. */
export interface RateLimitParts {
  readonly limiter: RateLimiter;
  readonly rateLimit: RateLimitSettings;
  readonly timeouts: TimeoutSettings;
  readonly retry: RetrySettings;
  readonly clock: Clock;
  /** The limit keys of the request's provider, with the vendor's own limits. */
  readonly limitKeys: (request: GenerationRequest) => readonly LimitKey[];
  /** Needed if `rateLimit.requestsPerDay` is `account`. */
  readonly quotas?: DayQuotas;
}

/** Set by `retry` after the server has refused an attempt: it goes to the head of the queue. */
export const IS_RETURNED = contextKey('is-returned', false);

/**
 * Whether the server has asked for a pause since the attempt was admitted, for interceptors further in that delay it.
 */
export const IS_HELD_BACK = contextKey<() => boolean>('is-held-back', () => false);

/**
 * Signals that a pause began while the attempt waited further in and nothing was sent. It returns to the head of the
 * queue.
 */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
}

/**
 * Delays each attempt until the limits admit it. Usage counts from the moment the request is written to a connected
 * socket. It is settled with the real usage, or released if the request was never sent.
 * - With `rateLimit.requestsPerDay: 'account'` the provider is asked for the daily quota at its first generation.
 * - A 429 that names its reset time pauses the key.
 * - An attempt that would have to wait for a pause or for the next day longer than `retry.maxRetryAfterMs` or its
 *   deadline fails at once, with `retryAt`.
 * @see docs/limits.md
 */
export function rateLimit(parts: RateLimitParts): InterceptorDefinition {
  return {
    name: 'rate-limit',
    phase: 'admit',
    intercept: (request, next) => {
      const vendors = parts.limitKeys(request);
      const keys = vendors.map(({ key, limits }) => ({ key, limits: effectiveLimits(parts.rateLimit, limits) }));
      const counted = keys.filter((_, index) => vendors[index]?.isFreeQuota === true);
      const call = { ...parts, keys, request, next };
      return parts.rateLimit.requestsPerDay === 'account' && counted.length > 0
        ? defer(() => seeded(call, counted))
        : queued(call);
    },
  };
}

/** Each configured limit overrides the provider's. */
function effectiveLimits(settings: RateLimitSettings, limits: Limits): Limits {
  return {
    minIntervalMs: settings.minIntervalMs ?? limits.minIntervalMs ?? 0,
    requestsPerMinute: settings.requestsPerMinute ?? limits.requestsPerMinute ?? 0,
    tokensPerMinute: settings.tokensPerMinute ?? limits.tokensPerMinute ?? 0,
    requestsPerDay:
      (settings.requestsPerDay === 'account' ? null : settings.requestsPerDay) ?? limits.requestsPerDay ?? 0,
  };
}

/**
 * Delays the first request of the day until the account's quota is known. If the quota cannot be read, the local count
 * is used.
 */
function seeded(call: Call, counted: readonly LimitKey[]): Observable<GenerationEvent> {
  const { quotas, limiter, request } = call;
  const asked = quotas?.today(request);
  if (asked === undefined) return queued(call);
  const seeding = asked.then(
    (quota) => {
      if (quota !== undefined) limiter.seedDay?.(counted, quota);
      return [];
    },
    (error: unknown): GenerationEvent[] => [
      {
        type: 'custom',
        name: WARNING,
        payload: `Cannot read the daily quota, so only local requests are counted: ${error instanceof Error ? error.message : String(error)}`,
      },
    ],
  );
  return concat(
    from(seeding).pipe(mergeAll()),
    defer(() => queued(call)),
  );
}

interface Call extends RateLimitParts {
  readonly keys: readonly LimitKey[];
  readonly request: GenerationRequest;
  readonly next: Handler;
}

function queued(call: Call): Observable<GenerationEvent> {
  const { limiter, clock, keys, request } = call;
  const { state, overrides, context, maxTokens } = request;
  const queueMs = overrides.timeouts?.queueMs ?? call.timeouts.queueMs;
  const enteredAt = clock.monotonic();
  const left = (): void => {
    state.queueMs += clock.monotonic() - enteredAt;
  };
  const turn = limiter.acquire({
    keys,
    promptTokens: estimateTokens(promptCharacters(request)),
    outputCap: maxTokens ?? Infinity,
    isReturned: context.get(IS_RETURNED),
  });
  const bounded =
    queueMs === 0 ? turn : turn.pipe(failAfter<Admission<Permit>>(clock, queueMs, () => queueTimeout(queueMs)));
  return afterAdmission<Permit>(bounded, {
    left,
    waiting: (untilMs) => {
      const heldUntil = limiter.heldUntil(keys);
      if (heldUntil !== undefined) refuseLongWait(call, heldUntil);
      return {
        type: 'waiting',
        for: heldUntil === undefined ? 'rate-limit' : 'quota',
        ...(untilMs !== undefined && { untilMs }),
      };
    },
    admitted: (permit) => admitted(call, permit),
  });
}

function admitted(call: Call, permit: Permit): Observable<GenerationEvent> {
  const { request, next, limiter, keys } = call;
  const { context, state } = request;
  // The breaker may have opened during the wait: the attempt goes back to it, and nothing is sent.
  if (context.get(BREAKER_PASS)?.isValid() === false) {
    permit.release();
    return throwError(() => circuitOpen(request, undefined));
  }
  const earlier = state.current;
  const monitor = monitorAfter(context.get(ATTEMPT_MONITOR), { onConnect: () => permit.sent() });
  // This request may itself have spent the day.
  const heldAtFirst = limiter.heldUntil(keys);
  const isHeldBack = (): boolean => (limiter.heldUntil(keys) ?? 0) > (heldAtFirst ?? 0);
  return next({ ...request, context: context.with(ATTEMPT_MONITOR, monitor).with(IS_HELD_BACK, isHeldBack) }).pipe(
    relay(() => ({
      recover: (error) => {
        learn(call, toGenerationError(error));
        if (!(error instanceof HeldBack)) return throwError(() => error);
        return queued({ ...call, request: { ...request, context: context.with(IS_RETURNED, true) } });
      },
      finalize: () => {
        const { current } = state;
        // A provider with a connection of its own reports nothing to the monitor.
        if (current !== earlier && current?.sent === true) permit.sent();
        permit.release();
        permit.settle(usedBy(request));
      },
    })),
  );
}

/** A 429 that names its reset pauses the keys. */
function learn(call: Call, { status, retryAt, code }: GenerationError): void {
  if (status === 429 && retryAt !== undefined && isWorthAPause(call, retryAt, code))
    call.limiter.pause(call.keys, retryAt);
}

/**
 * Whether a 429 pauses the whole key. A spent quota does. A wait beyond `maxRetryAfterMs` without a spent quota is
 * usually a limit of one model; it must not block the account's other models, which may be this generation's next
 * route.
 */
function isWorthAPause({ clock, retry, request: { overrides } }: Call, retryAt: number, code: ErrorCode): boolean {
  const { maxRetryAfterMs } = { ...retry, ...overrides.retry };
  return code === 'quota' || retryAt - clock.now() <= maxRetryAfterMs;
}

/** Usage of the attempt that has just ended; if it was not measured, at least the prompt. */
function usedBy(request: GenerationRequest): Pick<Usage, 'inputTokens' | 'outputTokens'> {
  const usage = request.state.attempts.at(-1)?.usage;
  return usage === undefined || usage.source === 'unmeasured'
    ? { inputTokens: estimateTokens(promptCharacters(request)), outputTokens: 0 }
    : usage;
}

/**
 * A wait set by the server or by the day is known in advance, so an attempt that cannot wait that long fails at once.
 */
function refuseLongWait({ clock, retry, request: { state, overrides } }: Call, until: number): void {
  const waitMs = until - clock.now();
  const { maxRetryAfterMs } = { ...retry, ...overrides.retry };
  const isPastDeadline = state.deadlineAt !== undefined && clock.monotonic() + waitMs >= state.deadlineAt;
  if (waitMs <= maxRetryAfterMs && !isPastDeadline) return;
  throw new RateLimitError(
    `Rate limit exhausted until ${new Date(until).toISOString()}. Try again then, or use another model.`,
    { quota: true, retryAt: until },
  );
}

function queueTimeout(queueMs: number): TimeoutError {
  return new TimeoutError(
    'queue',
    `The request waited longer than ${queueMs} ms for the rate limit. Raise timeouts.queueMs or the limit.`,
  );
}
