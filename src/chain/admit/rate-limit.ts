import { concat, defer, from, mergeAll, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import { afterAdmission } from './after-admission.js';
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

export interface RateLimitParts {
  readonly limiter: RateLimiter;
  readonly rateLimit: RateLimitSettings;
  readonly timeouts: TimeoutSettings;
  readonly retry: RetrySettings;
  readonly clock: Clock;
  /** The keys of the request's provider, with the vendor's own limits. */
  readonly limitKeys: (request: GenerationRequest) => readonly LimitKey[];
  /** Where `rateLimit.requestsPerDay` is `account`. */
  readonly quotas?: DayQuotas;
}

/** Set by `retry` where the server has refused an attempt: it goes back to the head of the line. */
export const IS_RETURNED = contextKey('is-returned', false);

/** Whether the server has asked for a pause since the attempt was admitted, for those who make it wait further in. */
export const IS_HELD_BACK = contextKey<() => boolean>('is-held-back', () => false);

/** A pause began while the attempt stood in line further in, where nothing was sent: it goes back to the head of the line. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
}

/**
 * Holds each attempt back until its turn. What it takes from the limits is counted from the moment the request goes onto
 * a connected socket, settled by what was really used, and given back if the request never left.
 *
 * With `rateLimit.requestsPerDay: 'account'` the provider is asked for the day's quota at its first generation.
 *
 * It learns: a 429 that names its reset pauses the key. Who would have to wait for a pause, or for the next day, longer
 * than `retry.maxRetryAfterMs` or the deadline fails at once, with `retryAt`.
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

/** Configuration replaces the provider's figures one by one. */
function effectiveLimits(settings: RateLimitSettings, limits: Limits): Limits {
  return {
    minIntervalMs: settings.minIntervalMs ?? limits.minIntervalMs ?? 0,
    requestsPerMinute: settings.requestsPerMinute ?? limits.requestsPerMinute ?? 0,
    tokensPerMinute: settings.tokensPerMinute ?? limits.tokensPerMinute ?? 0,
    requestsPerDay:
      (settings.requestsPerDay === 'account' ? null : settings.requestsPerDay) ?? limits.requestsPerDay ?? 0,
  };
}

/** The day's first request of a key whose day the account tells waits until it has been told. A day that is not told is counted as far as we know it. */
function seeded(call: Call, counted: readonly LimitKey[]): Observable<GenerationEvent> {
  const { quotas, limiter, request } = call;
  const asked = quotas?.today(request);
  if (asked === undefined) return queued(call);
  const told = asked.then(
    (quota) => {
      if (quota !== undefined) limiter.seedDay?.(counted, quota);
      return [];
    },
    (error: unknown): GenerationEvent[] => [
      {
        type: 'custom',
        name: WARNING,
        payload: `The day's quota could not be asked for, so it goes on by its own count: ${error instanceof Error ? error.message : String(error)}`,
      },
    ],
  );
  return concat(
    from(told).pipe(mergeAll()),
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
  const earlier = state.current;
  const monitor = monitorAfter(context.get(ATTEMPT_MONITOR), { onConnect: () => permit.sent() });
  // This request itself may have been the day's last one.
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
 * A spent quota is the key's. A longer wait than anybody has patience for, and no quota, is most often one model's trouble
 * further up: it must not keep the account's other models, where this generation may go next, from being asked.
 */
function isWorthAPause({ clock, retry, request: { overrides } }: Call, retryAt: number, code: ErrorCode): boolean {
  const { maxRetryAfterMs } = { ...retry, ...overrides.retry };
  return code === 'quota' || retryAt - clock.now() <= maxRetryAfterMs;
}

/** What the attempt that has just ended used; where nobody measured it, the prompt at least. */
function usedBy(request: GenerationRequest): Pick<Usage, 'inputTokens' | 'outputTokens'> {
  const usage = request.state.attempts.at(-1)?.usage;
  return usage === undefined || usage.source === 'unmeasured'
    ? { inputTokens: estimateTokens(promptCharacters(request)), outputTokens: 0 }
    : usage;
}

/** A wait that the server, or the day, has set is known in advance; who cannot wait so long is told at once. */
function refuseLongWait({ clock, retry, request: { state, overrides } }: Call, until: number): void {
  const waitMs = until - clock.now();
  const { maxRetryAfterMs } = { ...retry, ...overrides.retry };
  const isPastDeadline = state.deadlineAt !== undefined && clock.monotonic() + waitMs >= state.deadlineAt;
  if (waitMs <= maxRetryAfterMs && !isPastDeadline) return;
  throw new RateLimitError(
    `The limit is spent until ${new Date(until).toISOString()}; try again then, or use another model.`,
    { quota: true, retryAt: until },
  );
}

function queueTimeout(queueMs: number): TimeoutError {
  return new TimeoutError(
    'queue',
    `The request waited longer than ${queueMs} ms for its turn under the rate limit; raise timeouts.queueMs or the limit.`,
  );
}
