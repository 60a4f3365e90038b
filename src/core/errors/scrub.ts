import { inspect } from 'node:util';
import { GenerationError } from './generation-error.js';
import type { GenerationEvent } from '../events.js';
import type { Redact } from '../ports.js';

/** The depth to which causes, and the objects in a cause, are searched. */
const MAX_DEPTH = 8;

/**
 * Returns a copy of the error with known secrets masked in its message, stack and causes. A vendor may have repeated
 * the key.
 */
export function scrubbed<E extends GenerationError>(error: E, redact: Redact): E {
  const copy = error.withDetails({});
  maskTexts(copy, redact);
  if (error.cause !== undefined)
    Object.defineProperty(copy, 'cause', {
      value: cleanCause(error.cause, redact, 0),
      configurable: true,
      writable: true,
    });
  return copy;
}

/** Returns the cause itself if it contains no secret, otherwise a masked copy. */
function cleanCause(cause: unknown, redact: Redact, depth: number): unknown {
  const shown = inspect(cause, { depth: MAX_DEPTH, showHidden: true });
  if (redact(shown) === shown) return cause;
  if (!(cause instanceof Error) || depth === MAX_DEPTH) return redact(shown);
  const copy: Error = GenerationError.is(cause)
    ? cause.withDetails({})
    : Object.assign(new Error(cause.message), { name: cause.name });
  if (cause.stack !== undefined) copy.stack = cause.stack;
  maskTexts(copy, redact);
  if (cause.cause !== undefined) copy.cause = cleanCause(cause.cause, redact, depth + 1);
  return copy;
}

function maskTexts(error: Error, redact: Redact): void {
  for (const field of ['message', 'stack'] as const) {
    const value = error[field];
    if (value !== undefined && redact(value) !== value)
      Object.defineProperty(error, field, { value: redact(value), configurable: true, writable: true });
  }
}

/** Masks known secrets in an event of a provider, before it can be logged or counted. Content is returned unchanged. */
export function scrubEvent(event: GenerationEvent, redact: Redact): GenerationEvent {
  switch (event.type) {
    case 'response-metadata':
      if (event.responseId === undefined && event.answeredBy === undefined) return event;
      return {
        ...event,
        ...(event.responseId !== undefined && { responseId: redact(event.responseId) }),
        ...(event.answeredBy !== undefined && { answeredBy: redact(event.answeredBy) }),
      };
    case 'generation-end': {
      const {
        finishReason: { unified, raw },
        responseId,
        providerMetadata,
      } = event;
      return {
        ...event,
        model: redact(event.model),
        finishReason: { unified, raw: raw === null ? null : redact(raw) },
        ...(responseId !== undefined && { responseId: redact(responseId) }),
        ...(providerMetadata && { providerMetadata: scrubJson(providerMetadata, redact) }),
      };
    }
    case 'warning':
      return { ...event, message: redact(event.message) };
    case 'custom':
      return typeof event.payload === 'string' ? { ...event, payload: redact(event.payload) } : event;
    default:
      return event;
  }
}

/** Masks secrets in a vendor's JSON. What cannot be written as JSON is left out: it must not cost the answer. */
function scrubJson(value: Readonly<Record<string, unknown>>, redact: Redact): Readonly<Record<string, unknown>> {
  try {
    const written = JSON.stringify(value);
    const clean = redact(written);
    return clean === written ? value : (JSON.parse(clean) as Readonly<Record<string, unknown>>);
  } catch {
    return {};
  }
}
