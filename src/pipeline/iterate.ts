import type { Observable } from 'rxjs';
import type { GenerationEvent } from '../core/events.js';
import { Backpressure } from '../core/util/backpressure.js';
import { Buffered, pulled } from './buffered.js';

/** Bytes of memory that may lie unread before the socket is paused, and the amount at which it resumes. */
const MOST_UNREAD = 4 * 1024 * 1024;
const RESUME_AT = MOST_UNREAD / 2;

/**
 * The events of a generation, pulled one by one. Cold: the call is made at the first `next()`. What the reader has not
 * taken waits in a buffer of 4 MB; beyond it the socket is paused until half of it is read. Leaving the loop cancels, and
 * so does `return()`, even while a `next()` is waiting.
 */
export function iterate(
  open: (backpressure: Backpressure) => Observable<GenerationEvent>,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const backpressure = new Backpressure();
  let unread = 0;
  const buffer = new Buffered<GenerationEvent>({
    added: (event) => {
      unread += weigh(event);
      if (unread > MOST_UNREAD) backpressure.pause();
    },
    taken: (event) => {
      unread -= weigh(event);
      if (backpressure.isPaused && unread <= RESUME_AT) backpressure.resume();
    },
  });
  return pulled(buffer, () => open(backpressure));
}

/** The rough size of an event beside its text: most texts are a few letters long. */
const EVENT_BYTES = 100;

function weigh(event: GenerationEvent): number {
  return EVENT_BYTES + (event.type === 'text-delta' || event.type === 'reasoning-delta' ? event.delta.length * 2 : 0);
}
