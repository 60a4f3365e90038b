import type { AttemptRecord } from '../attempt.js';
import type { Usage } from '../usage.js';
import type { ErrorCode } from './codes.js';

/** Details of an error beyond its code and message. */
export interface ErrorDetails {
  /** Whether the same request may succeed later. Decided once, where the failure is detected. */
  readonly retryable?: boolean;
  /** The most retries after this failure. Applies even if `retry.maxAttempts` allows more. */
  readonly retryLimit?: number;
  /** Epoch milliseconds. The server rejects the request until then. */
  readonly retryAt?: number;
  /** The request provably never reached the server. It may be sent again at once, at no cost. */
  readonly neverSent?: boolean;
  /** Tokens that the account can still pay for, if the vendor reports it. Keep `maxTokens` at or below this. */
  readonly affordableTokens?: number;
  /** The HTTP status, or the status in the vendor's answer. */
  readonly status?: number;
  readonly provider?: string;
  readonly model?: string;
  readonly cause?: unknown;
}

/** The text delivered, and the usage, up to the failure of a generation. */
export interface PartialAnswer {
  readonly text: string;
  readonly usage: Usage;
  /** Whether a tool call had started. An incomplete one is not returned. */
  readonly toolCallsOpen: boolean;
}

/** Facts about the whole generation, added to the error at its end. */
export interface ErrorStory {
  readonly generationId: string;
  readonly attempts: readonly AttemptRecord[];
  readonly partial?: PartialAnswer;
  /** The last failure of every route that was tried. */
  readonly routeFailures?: readonly GenerationError[];
}

const MARKER = Symbol.for('scriptorium.generation-error');

/**
 * The base class of all errors of a pipeline. It never holds a key, a header value or a prompt.
 * @see docs/errors.md
 */
export class GenerationError extends Error {
  override readonly name: string = 'GenerationError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  declare readonly retryLimit?: number;
  declare readonly retryAt?: number;
  declare readonly neverSent?: boolean;
  declare readonly affordableTokens?: number;
  declare readonly status?: number;
  declare readonly provider?: string;
  declare readonly model?: string;
  declare readonly generationId?: string;
  readonly attempts: readonly AttemptRecord[] = [];
  declare readonly routeFailures?: readonly GenerationError[];
  /** Present if text had been delivered before the failure. */
  declare readonly partial?: PartialAnswer;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, retryable = false, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, MARKER, { value: true });
    this.code = code;
    this.retryable = retryable;
    Object.assign(this, rest);
  }

  /**
   * Whether a value is a `GenerationError`, including those of another copy of this package or another realm.
   * @example
   * ```ts
   * try {
   *   await pipeline.generate({ prompt: 'Write a page.' });
   * } catch (error) {
   *   if (!GenerationError.is(error)) throw error;
   *   console.error(error.code, error.message, error.partial?.text);
   * }
   * ```
   */
  static is(error: unknown): error is GenerationError {
    return typeof error === 'object' && error !== null && MARKER in error;
  }

  /**
   * Returns a copy with more details. Details that are already set stay, except `attempts`. The error itself is not
   * changed, since others may share it.
   * @example
   * ```ts
   * throw error.withDetails({ provider: 'quill', model: request.model });
   * ```
   */
  withDetails(story: Partial<ErrorStory & Pick<ErrorDetails, 'provider' | 'model'>>): this {
    const fields = Object.entries(Object.getOwnPropertyDescriptors(this)).map(
      ([key, field]) => [key, writableField(field, this)] as const,
    );
    const copy = Object.create(Object.getPrototypeOf(this) as object, Object.fromEntries(fields)) as this;
    Object.defineProperty(copy, MARKER, { value: true });
    for (const [key, value] of Object.entries(story)) {
      const isKnown = key !== 'attempts' && (this as Record<string, unknown>)[key] !== undefined;
      if (!isKnown) Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return copy;
  }

  /** Returns the fields of the error for logs. The cause is reduced to its name and message. */
  toJSON(): Record<string, unknown> {
    const { message: text, cause } = this;
    const fields = Object.entries(this).filter(([, value]) => value !== undefined);
    return {
      message: text,
      ...Object.fromEntries(fields),
      ...(cause instanceof Error && { cause: { name: cause.name, message: cause.message } }),
      // Reduced to plain fields: the last of them is this error itself.
      ...(this.routeFailures && {
        routeFailures: this.routeFailures.map(({ code, message, provider, model }) => ({
          code,
          message,
          provider,
          model,
        })),
      }),
    };
  }
}

/**
 * Copies a field of an error that may be frozen. Since Node 21, `stack` is an accessor that works only on its own
 * error.
 */
function writableField(field: PropertyDescriptor, owner: GenerationError): PropertyDescriptor {
  const value: unknown = field.get === undefined ? field.value : field.get.call(owner);
  return { value, enumerable: field.enumerable ?? false, configurable: true, writable: true };
}
