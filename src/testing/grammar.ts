import type { MonoTypeOperatorFunction } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import { relay } from '../core/util/relay.js';

/**
 * Passes a stream on and fails it with a plain `Error` where it breaks the grammar of `GenerationEvent`: an event after
 * the end, an empty or half text, a splice where there is no text to join or with a wrong number, completion without an end,
 * or a failure that is not a `GenerationError`.
 */
export function checkGrammar(): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber) => {
    let previous: GenerationEvent | undefined;
    const segments = followSegments();
    const fault = (message: string): void =>
      subscriber.error(new Error(`The grammar of events is broken: ${message}.`));
    return {
      next: (event) => {
        const wrong = faultOf(event, previous) ?? segments.faultOf(event);
        if (wrong === undefined) subscriber.next(event);
        else fault(wrong);
        previous = event;
      },
      error: (error) => {
        if (GenerationError.is(error)) subscriber.error(error);
        else fault(`the stream failed with something else than a GenerationError: ${String(error)}`);
      },
      complete: () => {
        if (previous?.type === 'generation-end') subscriber.complete();
        else fault(`the stream completed after ${previous?.type ?? 'nothing'} instead of generation-end`);
      },
    };
  });
}

function faultOf(event: GenerationEvent, previous: GenerationEvent | undefined): string | undefined {
  if (previous?.type === 'generation-end') return `${event.type} after generation-end`;
  if (event.type !== 'text-delta' && event.type !== 'reasoning-delta') return undefined;
  if (event.delta === '') return `an empty ${event.type}`;
  return event.type === 'text-delta' && !event.delta.isWellFormed()
    ? `a ${event.type} with half a character`
    : undefined;
}

/** Follows the segments of a text. */
function followSegments() {
  let [segment, hasText, isFresh] = [1, false, true];
  const faultOf = (event: GenerationEvent): string | undefined => {
    switch (event.type) {
      case 'text-delta':
        [hasText, isFresh] = [true, false];
        return undefined;
      case 'restart':
        [segment, hasText, isFresh] = [1, false, true];
        return undefined;
      case 'continuation': {
        const expected = segment + 1;
        const isOfGiven = event.reason === 'given' && !hasText;
        if (!hasText && !isOfGiven) return 'a continuation of no text';
        if (isFresh && !isOfGiven) return 'two splices with no text between them';
        if (event.segment !== expected) return `segment ${event.segment} where ${expected} begins`;
        [segment, hasText, isFresh] = [expected, true, true];
        return undefined;
      }
      case 'generation-end':
        return isFresh && segment > 1 ? 'a splice with no text behind it' : undefined;
      default:
        return undefined;
    }
  };
  return { faultOf };
}
