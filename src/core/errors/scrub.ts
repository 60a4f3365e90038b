import { inspect } from 'node:util';
import { cutText, LONGEST_ERROR_TEXT } from '../outside/text.js';
import { redactedCopy } from '../redaction/redacted-copy.js';
import { maskOfBytesIn } from '../redaction/secret-bytes.js';
import type { Redact } from '../ports.js';
import { reasonOf } from './classify.js';
import { GenerationError } from './generation-error.js';

/** Causes of causes are masked to this depth. */
const MOST_CAUSES = 8;
const LONGEST_STACK = 8 * LONGEST_ERROR_TEXT;
/** Bounds of the search through a cause. */
const SEARCH = { depth: MOST_CAUSES, showHidden: true } as const;
/** Marks of what a search has left out, so that it cannot be known to be clean. */
const LEFT_OUT = /\.\.\. \d+ more (character|item)|\[[A-Z]\w*\]/;
/** Texts of the caller, sums of checked parts, and errors that are masked already. */
const KEPT: ReadonlySet<string> = new Set(['partial', 'attempts', 'routeFailures', 'name', 'code']);

/**
 * Returns a copy of the error with known secrets masked in its message, stack, causes and fields: a vendor may have repeated
 * the key. Its texts are cut to 2 KB, except the list of problems of a configuration.
 */
export function scrubbed<E extends GenerationError>(error: E, redact: Redact): E {
  const copy = error.withDetails({});
  maskTexts(copy, redact);
  maskFields(copy, redact);
  if (error.cause !== undefined) define(copy, 'cause', cleanCause(error.cause, redact, 0));
  return copy;
}

/** Returns the cause itself if it surely contains no secret and no long text, otherwise a masked copy. */
function cleanCause(cause: unknown, redact: Redact, depth: number): unknown {
  try {
    if (typeof cause === 'string') return redact(cutText(cause, LONGEST_ERROR_TEXT));
    if (cause instanceof Error && hasLongText(cause)) return maskedError(cause, redact, depth);
    const shown = inspect(cause, SEARCH);
    const mask = maskOfBytesIn(cause, redact);
    if (mask === undefined && redact(shown) === shown && !LEFT_OUT.test(shown)) return cause;
    if (mask !== undefined && !(cause instanceof Error)) return mask;
    return cause instanceof Error ? maskedError(cause, redact, depth) : cutText(redact(shown), LONGEST_ERROR_TEXT);
  } catch {
    return 'a cause that cannot be shown';
  }
}

function hasLongText(error: Error): boolean {
  let next: unknown = error;
  for (let depth = 0; next instanceof Error && depth < MOST_CAUSES; depth += 1) {
    if (next.message.length > LONGEST_ERROR_TEXT || (next.stack?.length ?? 0) > LONGEST_STACK) return true;
    next = next.cause;
  }
  return typeof next === 'string' && next.length > LONGEST_ERROR_TEXT;
}

function maskedError(cause: Error, redact: Redact, depth: number): unknown {
  if (depth === MOST_CAUSES) return redact(cutText(reasonOf(cause), LONGEST_ERROR_TEXT));
  const copy: Error = GenerationError.is(cause) ? cause.withDetails({}) : foreignCopy(cause, redact);
  maskTexts(copy, redact);
  if (GenerationError.is(copy)) maskFields(copy, redact);
  if (cause.cause !== undefined) define(copy, 'cause', cleanCause(cause.cause, redact, depth + 1));
  return copy;
}

function foreignCopy(cause: Error, redact: Redact): Error {
  const copy = Object.assign(new Error(cause.message), { name: redact(cutText(cause.name, LONGEST_ERROR_TEXT)) });
  if (cause.stack !== undefined) copy.stack = cause.stack;
  return 'code' in cause && typeof cause.code === 'string'
    ? Object.assign(copy, { code: redact(cutText(cause.code, LONGEST_ERROR_TEXT)) })
    : copy;
}

/** Cuts the message, and the stack, which begins with it, before they are searched. */
function maskTexts(error: Error, redact: Redact): void {
  const { message, stack } = error;
  const isOwn = GenerationError.is(error) && error.code === 'configuration';
  const short = isOwn ? message : cutText(message, LONGEST_ERROR_TEXT);
  const masked = redact(short);
  if (masked !== message) define(error, 'message', masked);
  if (stack === undefined) return;
  const shortStack = short === message ? stack : stack.replace(message, () => short);
  const maskedStack = redact(isOwn ? stack : cutText(shortStack, LONGEST_STACK));
  if (maskedStack !== stack) define(error, 'stack', maskedStack);
}

function maskFields(error: GenerationError, redact: Redact): void {
  for (const [name, value] of Object.entries(error) as [string, unknown][]) {
    if (KEPT.has(name) || typeof value === 'number' || typeof value === 'boolean') continue;
    const masked = maskedField(value, redact);
    if (masked !== value) Object.defineProperty(error, name, { value: masked });
  }
}

/** A field that a program attached may be anything. */
function maskedField(value: unknown, redact: Redact): unknown {
  try {
    return redactedCopy(value, redact);
  } catch {
    return undefined;
  }
}

function define(error: Error, name: 'message' | 'stack' | 'cause', value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false, configurable: true, writable: true });
}
