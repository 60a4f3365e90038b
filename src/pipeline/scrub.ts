import { catchError, map, throwError } from 'rxjs';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { toGenerationError } from '../core/errors/classify.js';
import type { GenerationEvent } from '../core/events.js';
import type { Redact } from '../core/ports.js';

/** How deep a chain of causes is followed. */
const DEEPEST_CAUSE = 8;

/** The error, known secrets masked in the message and stack of it and of its causes: a vendor may have repeated the key. */
export function scrubbed<E extends Error>(error: E, redact: Redact): E {
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < DEEPEST_CAUSE; depth += 1) {
    for (const field of ['message', 'stack'] as const) {
      const text = current[field];
      // A frozen error stays as it is.
      if (text !== undefined && redact(text) !== text) Reflect.set(current, field, redact(text));
    }
    current = current.cause;
  }
  return error;
}

/**
 * Masks known secrets in all that a provider says beside its content, errors included, before anybody can log or count
 * it. Text is handed on as the model wrote it.
 */
export function scrubEvents(redact: Redact): MonoTypeOperatorFunction<GenerationEvent> {
  return (source) =>
    source.pipe(
      map((event) => scrubEvent(event, redact)),
      catchError((error: unknown) => throwError(() => scrubbed(toGenerationError(error), redact))),
    );
}

function scrubEvent(event: GenerationEvent, redact: Redact): GenerationEvent {
  switch (event.type) {
    case 'response-metadata':
      return event.responseId === undefined ? event : { ...event, responseId: redact(event.responseId) };
    case 'generation-end': {
      const { finishReason: { unified, raw }, responseId } = event;
      return {
        ...event, model: redact(event.model), finishReason: { unified, raw: raw === null ? null : redact(raw) },
        ...(responseId !== undefined && { responseId: redact(responseId) }),
      };
    }
    case 'custom':
      return typeof event.payload === 'string' ? { ...event, payload: redact(event.payload) } : event;
    default:
      return event;
  }
}
