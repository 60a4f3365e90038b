import type { MonoTypeOperatorFunction } from 'rxjs';
import type { GenerationEvent } from './events.js';
import type { RequestOrInput } from './request-or-input.js';
import { relay } from './util/relay.js';

/**
 * Passes the events of an answer on, and reads their text piece by piece, each piece before it is passed on. `begin` is
 * called once for each text: at the subscription, and again at a restart, which voids the text so far. So what its closure
 * keeps belongs to one text. The text of `continueFrom` is the first piece. What is thrown fails the answer, and closes
 * the socket.
 *
 * A text may have several segments, since `continuation` does not end it. In the phases `route` and further in it is the
 * text of one attempt.
 * @param request the request of the answer, or the input of the generation
 * @param begin returns the function that is called with each piece of the text
 * @example
 * ```ts
 * return next(request).pipe(
 *   readText(request, () => {
 *     let characters = 0;
 *     return (piece) => console.log((characters += piece.length));
 *   }),
 * );
 * ```
 * @see docs/interceptors.md
 */
export function readText(
  { continueFrom = '' }: RequestOrInput,
  begin: () => (piece: string) => void,
): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber) => {
    let read = begin();
    if (continueFrom !== '') read(continueFrom);
    return {
      next: (event) => {
        if (event.type === 'text-delta') read(event.delta);
        else if (event.type === 'restart') read = begin();
        subscriber.next(event);
      },
    };
  });
}
