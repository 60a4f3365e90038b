import { GenerationError } from './generation-error.js';
import type { ErrorDetails, PartialAnswer } from './generation-error.js';

/** The vendor's limit: a 429 is what ended the call, retried or not. `quota` when waiting a little will not help. */
export class RateLimitError extends GenerationError {
  override readonly name = 'RateLimitError';
  constructor(message: string, details: ErrorDetails & { readonly quota?: boolean } = {}) {
    const { quota = false, ...rest } = details;
    super(quota ? 'quota' : 'rate-limit', message, { status: 429, retryable: !quota, ...rest });
  }
}

/** The vendor answered with a failure. */
export class ApiError extends GenerationError {
  override readonly name: string = 'ApiError';
}

/** Every allowed attempt failed; `cause` is the last failure and `attempts` tells them all. */
export class RetryExhaustedError extends ApiError {
  override readonly name = 'RetryExhaustedError';
  constructor(message: string, details: ErrorDetails) {
    super('retry-exhausted', message, details);
  }
}

/** The stream broke after text had been delivered; `partial` holds that text and `cause` says what broke. */
export class InterruptedError extends GenerationError {
  override readonly name = 'InterruptedError';
  declare readonly partial: PartialAnswer;
  constructor(message: string, details: ErrorDetails) {
    super('interrupted', message, details);
  }
}

export type TimeoutTimer =
  'queue' | 'connect' | 'headers' | 'first-token' | 'idle' | 'content-idle' | 'attempt' | 'total';

/** A timer ran out; `timer` says which. */
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

/** The model did not write the object that was asked for, not even when it was told what was wrong; `partial` holds what it wrote. */
export class InvalidObjectError extends GenerationError {
  override readonly name = 'InvalidObjectError';
  /** What is wrong, a sentence each, which begins with the path of the value. None of them shows more than a little of it. */
  readonly issues: readonly string[];
  constructor(message: string, details: ErrorDetails & { readonly issues: readonly string[] }) {
    const { issues, ...rest } = details;
    super('invalid-object', message, rest);
    this.issues = issues;
  }
}

/** A budget would be exceeded; nothing was sent. */
export class BudgetError extends GenerationError {
  override readonly name = 'BudgetError';
  constructor(message: string, details: ErrorDetails = {}) {
    super('budget', message, details);
  }
}

/** Something is configured wrongly; the message names the path, the value and what would be right. */
export class ConfigError extends GenerationError {
  override readonly name = 'ConfigError';
  /** Where several things are wrong: a sentence each, which begins with the path of its key. */
  readonly problems: readonly string[];
  constructor(message: string, details: ErrorDetails & { readonly problems?: readonly string[] } = {}) {
    const { problems = [], ...rest } = details;
    super('configuration', message, rest);
    this.problems = problems;
  }
}

/** The caller's own signal, or the pipeline's end, stopped the generation. */
export class AbortError extends GenerationError {
  override readonly name = 'AbortError';
  constructor(message = 'The generation was aborted.', details: ErrorDetails = {}) {
    super('aborted', message, details);
  }
}
