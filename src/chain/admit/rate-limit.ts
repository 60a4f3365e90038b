import type { Clock } from '../../core/clock.js';
import type { ErrorCode } from '../../core/errors/codes.js';
import { ConfigError, RateLimitError } from '../../core/errors/classes.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { DayQuota } from '../../core/ports.js';
import type { LimitKey, Limits } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import type { RateLimitSettings, RetrySettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';

/** The time and the patience of the rate limit. */
export interface Patience {
  readonly clock: Clock;
  readonly retry: RetrySettings;
}

/** The vendor's keys, each configured limit in place of the vendor's, and of each the part of this pipeline. */
export function effectiveKeys(settings: RateLimitSettings, vendors: readonly LimitKey[]): readonly LimitKey[] {
  const { parts = 1 } = settings;
  return vendors.map(({ key, limits }) => ({ key, limits: partOf(effectiveLimits(settings, limits), parts) }));
}

/** The part of a day that is left for this pipeline. Others have theirs. */
export function partOfDay({ used, limit }: DayQuota, { parts = 1 }: RateLimitSettings): DayQuota {
  return { used, limit: used + Math.floor(Math.max(0, limit - used) / parts) };
}

function partOf(limits: Limits, parts: number): Limits {
  if (parts === 1) return limits;
  const { minIntervalMs = 0, requestsPerMinute, tokensPerMinute, requestsPerDay } = limits;
  return {
    minIntervalMs: minIntervalMs * parts,
    requestsPerMinute: divided(requestsPerMinute, parts),
    tokensPerMinute: divided(tokensPerMinute, parts),
    requestsPerDay: divided(requestsPerDay, parts),
  };
}

/** @throws ConfigError where a part would be less than one: 0 means no limit */
function divided(limit = 0, parts: number): number {
  if (limit > 0 && limit < parts)
    throw new ConfigError(
      `A limit of ${limit} cannot be divided into ${parts} parts (rateLimit.parts). Use fewer machines, or a store of limits for all of them.`,
    );
  return Math.floor(limit / parts);
}

function effectiveLimits(settings: RateLimitSettings, limits: Limits): Limits {
  return {
    minIntervalMs: settings.minIntervalMs ?? limits.minIntervalMs ?? 0,
    requestsPerMinute: settings.requestsPerMinute ?? limits.requestsPerMinute ?? 0,
    tokensPerMinute: settings.tokensPerMinute ?? limits.tokensPerMinute ?? 0,
    requestsPerDay:
      (settings.requestsPerDay === 'account' ? null : settings.requestsPerDay) ?? limits.requestsPerDay ?? 0,
  };
}

/** For how many milliseconds a failure pauses its keys; undefined if it does not. */
export function pauseAfter(
  { clock, retry }: Patience,
  { overrides }: GenerationRequest,
  { status, retryAt, code }: GenerationError,
): number | undefined {
  if (status !== 429 || retryAt === undefined) return undefined;
  const ms = Math.max(retryAt - clock.now(), 0);
  return isWorthAPause(code, ms <= { ...retry, ...overrides.retry }.maxRetryAfterMs) ? ms : undefined;
}

/**
 * Whether a 429 pauses the whole key. A spent quota does. A wait beyond `maxRetryAfterMs` without a spent quota is
 * usually a limit of one model; it must not block the account's other models, which may be this generation's next
 * route.
 */
function isWorthAPause(code: ErrorCode, isShort: boolean): boolean {
  return code === 'quota' || isShort;
}

/**
 * A wait set by the server or by the day is known in advance, so an attempt that cannot wait that long fails at once.
 * @param until epoch milliseconds
 * @throws RateLimitError
 */
export function refuseLongWait({ clock, retry }: Patience, request: GenerationRequest, until: number): void {
  const waitMs = until - clock.now();
  const { maxRetryAfterMs } = { ...retry, ...request.overrides.retry };
  const { deadlineAt } = stateOf(request);
  const isPastDeadline = deadlineAt !== undefined && clock.monotonic() + waitMs >= deadlineAt;
  if (waitMs <= maxRetryAfterMs && !isPastDeadline) return;
  throw new RateLimitError(
    `Rate limit exhausted until ${new Date(until).toISOString()}. Try again then, or use another model.`,
    { quota: true, retryAt: until },
  );
}
