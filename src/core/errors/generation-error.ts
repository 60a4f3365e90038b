import type { AttemptRecord } from '../attempt.js';
import type { Usage } from '../usage.js';
import type { ErrorCode } from './codes.js';

/** What an error may say beyond its code and message. */
export interface ErrorDetails {
  /** Whether the same request may succeed later. Decided once, where the failure is known. */
  readonly retryable?: boolean;
  /** At most so many retries after this failure, whatever `retry.maxAttempts` says. */
  readonly retryLimit?: number;
  /** Epoch milliseconds before which the server will not have it again. */
  readonly retryAt?: number;
  /** The request provably never reached the server: it may be sent again at once, at no cost. */
  readonly neverSent?: boolean;
  /** What the account can still pay for, where the vendor says so: ask for no more than this with `maxTokens`. */
  readonly affordableTokens?: number;
  /** The HTTP status, or the one the vendor put into its answer. */
  readonly status?: number;
  readonly provider?: string;
  readonly model?: string;
  readonly cause?: unknown;
}

/** What had been delivered and paid for when a generation failed. */
export interface PartialAnswer {
  readonly text: string;
  readonly usage: Usage;
  /** A tool call had begun; what there was of it is no call. */
  readonly toolCallsOpen: boolean;
}

/** What only the whole generation knows; added when the error leaves it. */
export interface ErrorStory {
  readonly generationId: string;
  readonly attempts: readonly AttemptRecord[];
  readonly partial?: PartialAnswer;
  /** The last failure of every route that was tried. */
  readonly routeFailures?: readonly GenerationError[];
}

const MARKER = Symbol.for('scriptorium.generation-error');

/** The one error family of the pipeline. Holds no key, no header value and no prompt. */
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
  /** Present when text had been delivered: nothing that was paid for is lost. */
  declare readonly partial?: PartialAnswer;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, retryable = false, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, MARKER, { value: true });
    this.code = code;
    this.retryable = retryable;
    Object.assign(this, rest);
  }

  /** True for an error of any copy of this package, in any realm. */
  static is(error: unknown): error is GenerationError {
    return typeof error === 'object' && error !== null && MARKER in error;
  }

  /** A copy that also says what the generation knows; what is already there stays. The error itself may be shared by others. */
  withDetails(story: Partial<ErrorStory & Pick<ErrorDetails, 'provider' | 'model'>>): this {
    const fields = Object.entries(Object.getOwnPropertyDescriptors(this)).map(
      ([key, field]) => [key, unlocked(field, this)] as const,
    );
    const copy = Object.create(Object.getPrototypeOf(this) as object, Object.fromEntries(fields)) as this;
    Object.defineProperty(copy, MARKER, { value: true });
    for (const [key, value] of Object.entries(story)) {
      const isKnown = key !== 'attempts' && (this as Record<string, unknown>)[key] !== undefined;
      if (!isKnown) Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return copy;
  }

  toJSON(): Record<string, unknown> {
    const { message: text, cause } = this;
    const told = Object.entries(this).filter(([, value]) => value !== undefined);
    return {
      message: text,
      ...Object.fromEntries(told),
      ...(cause instanceof Error && { cause: { name: cause.name, message: cause.message } }),
      // The last of them is this one itself.
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

/** The same field of an object that is not frozen. From Node 21 on `stack` is an accessor that answers only for its own error. */
function unlocked(field: PropertyDescriptor, owner: GenerationError): PropertyDescriptor {
  const value: unknown = field.get === undefined ? field.value : field.get.call(owner);
  return { value, enumerable: field.enumerable ?? false, configurable: true, writable: true };
}
