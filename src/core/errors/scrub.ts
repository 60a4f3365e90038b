import { inspect } from 'node:util';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { toGenerationError } from './classify.js';
import { GenerationError } from './generation-error.js';
import { isContent } from '../events.js';
import type { GenerationEvent } from '../events.js';
import { relay } from '../util/relay.js';
import type { Redact } from '../ports.js';

/** How deep a chain of causes, and what hangs on one, is looked at. */
const DEEPEST = 8;

/** The error without known secrets, in its message and stack and in all that its causes show: a vendor may have repeated the key. */
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

/** A cause as it is, if nothing in it is secret; else what may be said of it. */
function cleanCause(cause: unknown, redact: Redact, depth: number): unknown {
  const shown = inspect(cause, { depth: DEEPEST, showHidden: true });
  if (redact(shown) === shown) return cause;
  if (!(cause instanceof Error) || depth === DEEPEST) return redact(shown);
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

/**
 * Masks known secrets in everything a provider says beside its content, errors included, before it can be logged or
 * counted. Text is passed on as the model wrote it.
 */
export function scrubEvents(redact: Redact): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber) => ({
    next: (event) => subscriber.next(isContent(event) ? event : scrubEvent(event, redact)),
    error: (error) => subscriber.error(scrubbed(toGenerationError(error), redact)),
  }));
}

function scrubEvent(event: GenerationEvent, redact: Redact): GenerationEvent {
  switch (event.type) {
    case 'response-metadata':
      return event.responseId === undefined ? event : { ...event, responseId: redact(event.responseId) };
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
    case 'custom':
      return typeof event.payload === 'string' ? { ...event, payload: redact(event.payload) } : event;
    default:
      return event;
  }
}

/** What a vendor sent is JSON; a text in it may repeat a secret. */
function scrubJson<T extends object>(value: T, redact: Redact): T {
  const written = JSON.stringify(value);
  const clean = redact(written);
  return clean === written ? value : (JSON.parse(clean) as T);
}
