import { GenerationError } from 'scriptorium';
import type { BudgetDetails, ErrorCode } from 'scriptorium';
import type { Clock, Random } from 'scriptorium/plugin';

/** A try that has ended with an error. */
export interface FailedTry {
  readonly error: GenerationError;
  /** Whether it was given a text to continue. */
  readonly hadText: boolean;
  /** Whether it has added to the text. */
  readonly hasAdded: boolean;
  /** Tries in a row before it that have added nothing. */
  readonly tries: number;
  /** The most tries in a row. */
  readonly mostTries: number;
  /** Tries in a row before it whose answers could not be joined to the text. */
  readonly unjoined: number;
  readonly holdUsd: number | undefined;
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * What follows an error.
 *
 * - `retry`: the item is tried again later.
 * - `park`: it is put off. With `endsWork` the cause concerns every item, so that the work ends with the error.
 * - `reset`: nothing can be joined to its text, so it is written anew.
 * - `fail`: trying again would not help.
 * - `stop`: the pipeline takes no more work.
 */
export type TryOutcome =
  | { readonly type: 'retry'; readonly retryInMs: number; readonly isUnjoined: boolean }
  | {
      readonly type: 'park';
      readonly reason: string;
      readonly forMs?: number;
      readonly needsUsd?: number;
      readonly endsWork?: true;
    }
  | { readonly type: 'reset' | 'fail' | 'stop' };

/** Decides what follows the error of a try. */
export function outcomeOf(tried: FailedTry): TryOutcome {
  const { error, clock, patienceMs } = tried;
  const cause = causeOf(error);
  if (error.code === 'aborted') return { type: 'stop' };
  if (CONCERNS_ALL.has(cause.code)) return { type: 'park', reason: cause.code, endsWork: true };
  if (cause.code === 'budget') return overBudget(cause, tried);
  const retryAt = error.retryAt ?? cause.retryAt;
  const waitMs = retryAt === undefined ? 0 : retryAt - clock.now();
  if (waitMs > patienceMs) return { type: 'park', reason: cause.code, forMs: waitMs };
  if (cause.code === 'quota')
    return { type: 'park', reason: 'quota', forMs: waitMs > 0 ? waitMs : untilMidnight(clock) };
  if (cause.code === 'unavailable') return { type: 'park', reason: 'store', forMs: STORE_PAUSE_MS };
  if (isUnjoined(error, tried)) return afterUnjoined(tried);
  return isTriedAgain(error, cause) ? retryAfter(waitMs, tried) : { type: 'fail' };
}

/** Failures that no other item would be spared. */
const CONCERNS_ALL: ReadonlySet<ErrorCode> = new Set([
  'authentication',
  'permission',
  'payment-required',
  'configuration',
]);

/** The limits or budgets could not be checked. */
const STORE_PAUSE_MS = 60_000;

/** The failure behind an error that only reports that a text broke off, or that attempts were used up. */
function causeOf(error: GenerationError): GenerationError {
  const { code, cause } = error;
  const isWrapped = code === 'interrupted' || code === 'retry-exhausted';
  return isWrapped && GenerationError.is(cause) ? causeOf(cause) : error;
}

/** The share that the run has given; a smaller limit of the caller; or a budget of the pipeline. */
function overBudget(error: GenerationError & Partial<BudgetDetails>, tried: FailedTry): TryOutcome {
  const { scope, unit, limit, spent, reserved, needed } = error;
  const { holdUsd, clock } = tried;
  if (scope === 'day') return { type: 'park', reason: 'budget', forMs: untilMidnight(clock) };
  const isHold = scope === 'generation' && unit === 'usd' && holdUsd !== undefined && limit === holdUsd;
  const isSpent = (spent ?? 0) >= (limit ?? 0);
  // Without a known price it is refused, not for want of money, while some is left.
  if (!isHold || ((needed ?? 0) === 0 && !isSpent)) return { type: 'park', reason: 'budget' };
  const needsUsd = (spent ?? 0) + (reserved ?? 0) + (needed ?? 0);
  return { type: 'park', reason: 'budget', needsUsd: Math.max(needsUsd, holdUsd * ROUNDING) };
}

/** What did not fit into a hold needs more than it, whatever a sum of floating-point numbers says. */
const ROUNDING = 1 + 1e-6;

const DAY_MS = 86_400_000;

/** Milliseconds until the next midnight UTC, at which days of budgets and quotas begin. */
function untilMidnight(clock: Clock): number {
  return DAY_MS - (clock.now() % DAY_MS);
}

const REFUSES_TEXT: ReadonlySet<ErrorCode> = new Set(['cannot-continue', 'bad-request', 'context-length']);

/** Whether the model did not, or could not, continue the text that it was given. */
function isUnjoined(error: GenerationError, { hadText, hasAdded }: FailedTry): boolean {
  if (!hadText || hasAdded) return false;
  const hasNoCause = error.code === 'interrupted' && !GenerationError.is(error.cause);
  return hasNoCause || REFUSES_TEXT.has(causeOf(error).code);
}

/** A text is paid for, so it is voided only after a second try, or where there is no other. */
function afterUnjoined(tried: FailedTry): TryOutcome {
  const isLast = tried.tries + 1 >= tried.mostTries;
  return tried.unjoined > 0 || isLast ? { type: 'reset' } : { ...retryAfter(0, tried), isUnjoined: true };
}

function isTriedAgain(error: GenerationError, cause: GenerationError): boolean {
  return error.retryable || cause.retryable || error.code === 'retry-exhausted' || TRIED_AGAIN.has(cause.code);
}

/** `interrupted` without a cause: a text broke off, and could not be continued in the same generation. */
const TRIED_AGAIN: ReadonlySet<ErrorCode> = new Set(['retry-exhausted', 'timeout', 'circuit-open', 'interrupted']);

const FIRST_BACKOFF_MS = 5_000;
const LONGEST_BACKOFF_MS = 600_000;

function retryAfter(leastMs: number, tried: FailedTry): Extract<TryOutcome, { type: 'retry' }> {
  const tries = tried.hasAdded ? 0 : tried.tries;
  const delayMs = Math.min(FIRST_BACKOFF_MS * 2 ** tries, LONGEST_BACKOFF_MS) * tried.random();
  return { type: 'retry', retryInMs: Math.ceil(Math.max(delayMs, leastMs)), isUnjoined: false };
}
