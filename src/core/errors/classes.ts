import type { BudgetDetails, BudgetScope } from './budget-details.js';
import { GenerationError, restorable } from './generation-error.js';
import type { ErrorDetails, PartialAnswer } from './generation-error.js';

/**
 * A 429 ended the call, retried or not. With `quota` the code is `quota` and a short wait does not help; otherwise the
 * code is `rate-limit` and the error is retryable.
 * @example
 * ```ts
 * throw new RateLimitError('Quill answered 429: too many requests.', { retryAt: Date.now() + 5_000 });
 * ```
 * @see docs/errors.md
 */
export class RateLimitError extends GenerationError {
  override readonly name = 'RateLimitError';
  constructor(message: string, details: ErrorDetails & { readonly quota?: boolean } = {}) {
    const { quota = false, ...rest } = details;
    super(quota ? 'quota' : 'rate-limit', message, { status: 429, retryable: !quota, ...rest });
  }
}

/**
 * The vendor answered with a failure; `code` and `status` identify it.
 * @see docs/errors.md
 */
export class ApiError extends GenerationError {
  override readonly name: string = 'ApiError';
}

/**
 * Every allowed attempt failed. `cause` is the last failure; `attempts` lists all of them.
 * @see docs/errors.md
 */
export class RetryExhaustedError extends ApiError {
  override readonly name = 'RetryExhaustedError';
  constructor(message: string, details: ErrorDetails) {
    super('retry-exhausted', message, details);
  }
}

/**
 * The stream broke off after text had been delivered. `partial` holds that text; `cause` is the failure behind it.
 * @see docs/continuity.md
 */
export class InterruptedError extends GenerationError {
  override readonly name = 'InterruptedError';
  declare readonly partial: PartialAnswer;
  constructor(message: string, details: ErrorDetails) {
    super('interrupted', message, details);
  }
}

/** The timers of a generation and of its attempts. `TimeoutSettings` sets their durations. */
export type TimeoutTimer =
  'queue' | 'connect' | 'headers' | 'first-token' | 'idle' | 'content-idle' | 'attempt' | 'deadline';

/**
 * A timer expired; `timer` is its name.
 * @see docs/errors.md
 */
export class TimeoutError extends GenerationError {
  override readonly name = 'TimeoutError';
  constructor(
    readonly timer: TimeoutTimer,
    message: string,
    details: ErrorDetails = {},
  ) {
    super('timeout', message, details);
  }
}

/**
 * The model did not write the requested object, even after a second request with the problems. `partial` holds its text.
 * @see docs/objects.md
 */
export class InvalidObjectError extends GenerationError {
  override readonly name = 'InvalidObjectError';
  /**
   * The problems, one sentence each. A sentence starts with the path of a value and shows at most a short part of it.
   */
  readonly issues: readonly string[];
  constructor(message: string, details: ErrorDetails & { readonly issues: readonly string[] }) {
    const { issues, ...rest } = details;
    super('invalid-object', message, rest);
    this.issues = issues;
  }
}

/**
 * A budget would be exceeded. Nothing was sent. The fields name the budget, unless the price limits of `routing` left no
 * model. `affordableTokens` is the token cap that would fit.
 * @example
 * ```ts
 * if (error instanceof BudgetError && (error.affordableTokens ?? 0) > 500)
 *   await pipeline.generate({ prompt, maxTokens: error.affordableTokens });
 * ```
 * @see docs/limits.md
 */
export class BudgetError extends GenerationError implements Partial<BudgetDetails> {
  override readonly name = 'BudgetError';
  declare readonly scope?: BudgetScope;
  declare readonly labelValue?: string;
  declare readonly account?: string;
  declare readonly period?: 'day' | 'month' | 'total';
  declare readonly unit?: 'usd' | 'tokens';
  declare readonly limit?: number;
  declare readonly spent?: number;
  declare readonly reserved?: number;
  declare readonly needed?: number;
  constructor(message: string, details: ErrorDetails & Partial<BudgetDetails> = {}) {
    super('budget', message, details);
  }
}

/**
 * The configuration is invalid. The message names the path, the value and what is expected.
 * @example
 * ```ts
 * try {
 *   await createPipeline({ plugins: [openrouter()] });
 * } catch (error) {
 *   if (!(error instanceof ConfigError)) throw error;
 *   console.error(error.message); // lists all problems
 * }
 * ```
 * @see docs/configuration.md
 */
export class ConfigError extends GenerationError {
  override readonly name = 'ConfigError';
  /** All problems of the values, one sentence each, starting with the key's path. Empty for other mistakes. */
  readonly problems: readonly string[];
  constructor(message: string, details: ErrorDetails & { readonly problems?: readonly string[] } = {}) {
    const { problems = [], ...rest } = details;
    super('configuration', message, rest);
    this.problems = problems;
  }
}

/**
 * The caller's signal, `drain()` or `dispose()` stopped the generation.
 * @see docs/errors.md
 */
export class AbortError extends GenerationError {
  override readonly name = 'AbortError';
  constructor(message = 'The generation was aborted.', details: ErrorDetails = {}) {
    super('aborted', message, details);
  }
}

restorable({ RateLimitError }, ['rate-limit', 'quota']);
restorable({ ApiError });
restorable({ RetryExhaustedError }, ['retry-exhausted']);
restorable({ InterruptedError }, ['interrupted']);
restorable({ TimeoutError }, ['timeout'], { timer: undefined });
restorable({ InvalidObjectError }, ['invalid-object'], { issues: [] });
restorable({ BudgetError }, ['budget']);
restorable({ ConfigError }, ['configuration'], { problems: [] });
restorable({ AbortError }, ['aborted']);
