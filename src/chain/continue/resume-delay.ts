import type { Clock, Random } from '../../core/clock.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { RetrySettings } from '../../core/settings.js';
import type { GenerationState } from '../../core/state.js';
import { backoffDelay } from '../recover/backoff.js';

export interface PauseParts {
  readonly retry: RetrySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly state: GenerationState;
}

/**
 * How long to wait (milliseconds) before a text that broke off is asked for again: not at all after progress, then as long as
 * between any two attempts; the server's hint is a floor. Undefined where nobody waits so long.
 * @param fruitless attempts in a row that added nothing
 */
export function pauseBefore({ retry, clock, random, state }: PauseParts, { code, retryAt }: GenerationError, fruitless: number): number | undefined {
  // A rate limit with a known reset is waited for in the limiter's own line.
  const hintMs = retryAt === undefined || code === 'rate-limit' ? 0 : Math.max(retryAt - clock.now(), 0);
  const delayMs = Math.max(hintMs, fruitless === 0 ? 0 : backoffDelay(retry, fruitless, random()));
  const isPastDeadline = state.deadlineAt !== undefined && clock.monotonic() + delayMs >= state.deadlineAt;
  return hintMs > retry.maxRetryAfterMs || isPastDeadline ? undefined : delayMs;
}
