import type { Clock, Random } from '../../core/clock.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { RetrySettings } from '../../core/settings.js';
import type { GenerationState } from '../../core/state.js';
import { backoffDelay } from '../recover/backoff.js';

export interface ResumeDelayParts {
  readonly retry: RetrySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly state: GenerationState;
}

/**
 * Computes the wait before a text that broke off is continued, in milliseconds: none after progress, else as between any
 * two attempts. The server's hint is a floor. Undefined if the wait would be too long.
 * @param attemptsWithoutProgress attempts in a row that added nothing
 */
export function resumeDelay(
  { retry, clock, random, state }: ResumeDelayParts,
  { code, retryAt }: GenerationError,
  attemptsWithoutProgress: number,
): number | undefined {
  // A rate limit with a known reset is waited for in the line of `admission`.
  const hintMs = retryAt === undefined || code === 'rate-limit' ? 0 : Math.max(retryAt - clock.now(), 0);
  const delayMs = Math.max(
    hintMs,
    attemptsWithoutProgress === 0 ? 0 : backoffDelay(retry, attemptsWithoutProgress, random()),
  );
  const isPastDeadline = state.deadlineAt !== undefined && clock.monotonic() + delayMs >= state.deadlineAt;
  return hintMs > retry.maxRetryAfterMs || isPastDeadline ? undefined : delayMs;
}
