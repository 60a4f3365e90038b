import type { AttemptRecord } from '../attempt.js';
import { isCount, isTime } from '../outside/numbers.js';
import type { Usage } from '../usage.js';
import type { ErrorCode } from './codes.js';
import { errorToJson } from './error-to-json.js';
import { parseError } from './parse-error.js';
import type { ParsedError } from './parse-error.js';

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
  /** Left out if there are none. */
  readonly labels?: Readonly<Record<string, string>>;
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
  /** The labels of the request. Present if it had any. */
  declare readonly labels?: Readonly<Record<string, string>>;
  readonly attempts: readonly AttemptRecord[] = [];
  declare readonly routeFailures?: readonly GenerationError[];
  /** Present if text had been delivered before the failure. */
  declare readonly partial?: PartialAnswer;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, retryable = false, ...rest } = soundDetails(details);
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
   * Makes `instanceof` hold for errors of another copy of this package, too: of a class of this package by the name of their
   * class, and of `GenerationError` for all of them.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (!GenerationError.is(value)) return false;
    if (this === GenerationError) return true;
    const isOurs = [...CLASSES.values()].some(({ prototype }) => prototype === this.prototype);
    const twin = CLASSES.get(value.name)?.prototype;
    return isOurs && twin !== undefined && (twin === this.prototype || twin instanceof this);
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

  /**
   * Returns the error as a JSON object, for a log or for `fromJSON`: class, code, message, details, attempts, partial text
   * and causes. It holds no stack and no field that a program attached. A cause that is not an error is left out.
   * @example
   * ```ts
   * await queue.put(JSON.stringify(error)); // calls toJSON()
   * ```
   * @see docs/errors.md
   */
  toJSON(): Record<string, unknown> {
    return errorToJson(this, (cause) => GenerationError.is(cause));
  }

  /**
   * Restores an error from the object that `toJSON` returned, perhaps in another process or by another version of this
   * package. Its class is restored too, so `instanceof RateLimitError` holds. Unknown fields are ignored. An unknown class
   * becomes a `GenerationError` of that name. The stack is the one of this call.
   * @throws GenerationError `invalid-input` if the value is not an object, if its code is unknown or does not belong to its
   * class, or if a known field has a wrong type
   * @example
   * ```ts
   * const error = GenerationError.fromJSON(JSON.parse(await queue.take()));
   * if (error instanceof InterruptedError) await pipeline.generate({ prompt, continueFrom: error.partial.text });
   * ```
   * @see docs/errors.md
   */
  static fromJSON(json: unknown): GenerationError {
    return restore(parseError(json, notRestorable));
  }
}

const NUMBERS = { retryLimit: isCount, retryAt: isTime, affordableTokens: isCount, status: isCount } as const;

/** The numbers may come from anywhere. One that cannot be true counts as not given. */
function soundDetails(details: ErrorDetails): ErrorDetails {
  const wrong = (Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]).filter(
    (name) => details[name] !== undefined && !NUMBERS[name](details[name]),
  );
  return wrong.length === 0
    ? details
    : Object.fromEntries(Object.entries(details).filter(([name]) => !(wrong as string[]).includes(name)));
}

/** A class that `fromJSON` restores, and the codes that its errors may have; all of them if undefined. */
interface RestorableClass {
  readonly prototype: GenerationError;
  readonly codes: readonly ErrorCode[] | undefined;
  /** Fields that every error of the class has, with the value for a JSON without them; undefined if there is none. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** Filled by `classes.ts` when it is loaded. The base class cannot import its subclasses. */
const CLASSES = new Map<string, RestorableClass>();

/**
 * Makes `GenerationError.fromJSON` restore classes by their names. The names are keys, since bundlers rename classes.
 */
export function restorable(
  classes: Readonly<Record<string, { readonly prototype: GenerationError }>>,
  codes?: readonly ErrorCode[],
  defaults: RestorableClass['defaults'] = {},
): void {
  for (const [name, { prototype }] of Object.entries(classes)) CLASSES.set(name, { prototype, codes, defaults });
}

function restore({ name, message, code, fields, cause, routeFailures }: ParsedError): GenerationError {
  const { prototype, codes, defaults } = CLASSES.get(name ?? '') ?? {
    prototype: GenerationError.prototype,
    defaults: {},
  };
  if (codes !== undefined && !codes.includes(code)) return notRestorable(`The code of ${name} cannot be "${code}".`);
  const values = { ...defaults, ...fields };
  for (const [field, value] of Object.entries(values)) if (value === undefined) notRestorable(`"${field}" is missing.`);
  const reason = cause === undefined || cause instanceof Error ? cause : restore(cause);
  const error = new GenerationError(code, message, reason === undefined ? {} : { cause: reason });
  Object.setPrototypeOf(error, prototype);
  return Object.assign(error, values, {
    ...(name !== undefined && { name }),
    ...(routeFailures && { routeFailures: routeFailures.map(restore) }),
  });
}

function notRestorable(problem: string): never {
  throw new GenerationError(
    'invalid-input',
    `Cannot restore an error from JSON. ${problem} Pass the object that GenerationError.toJSON() returned.`,
  );
}

/**
 * Copies a field of an error that may be frozen. Since Node 21, `stack` is an accessor that works only on its own
 * error.
 */
function writableField(field: PropertyDescriptor, owner: GenerationError): PropertyDescriptor {
  const value: unknown = field.get === undefined ? field.value : field.get.call(owner);
  return { value, enumerable: field.enumerable ?? false, configurable: true, writable: true };
}
