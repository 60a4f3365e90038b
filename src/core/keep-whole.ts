import type { MonoTypeOperatorFunction } from 'rxjs';
import type { GenerationEnd, GenerationEvent } from './events.js';
import type { RequestOrInput } from './request-or-input.js';
import { StandingContent } from './standing-content.js';
import { isPromise } from './util/maybe-promise.js';
import { relay } from './util/relay.js';

/**
 * Passes the events of one answer on, and calls `keep` right before its end if it is whole: if the model has ended it with
 * `stop`. An answer that fails, is cancelled, was cut, or comes from a cache is not kept.
 *
 * `keep` gets the events to replay: the content that stands, and an end that says it comes from a cache. What a restart or
 * another attempt has voided is not among them. An answer that has voided the text of `continueFrom` is not kept, since a
 * replay cannot void it.
 *
 * `keep` cannot fail the answer: what it throws becomes a `warning` event. A promise that it returns is not awaited, and
 * its rejection is ignored.
 * @param request the request of the answer, or the input of the generation
 * @example
 * ```ts
 * const known = answers.get(key);
 * return known ? from(known) : next(request).pipe(keepWhole(request, (events) => answers.set(key, events)));
 * ```
 * @see docs/interceptors.md
 */
export function keepWhole(
  { continueFrom = '' }: RequestOrInput,
  keep: (events: readonly GenerationEvent[]) => unknown,
): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber) => {
    const content = new StandingContent();
    let hasVoidedGiven = false;
    return {
      next: (event) => {
        content.take(event);
        hasVoidedGiven ||= event.type === 'restart' && continueFrom !== '';
        if (event.type === 'generation-end' && isWhole(event) && !hasVoidedGiven) {
          const failure = failureOf(() => keep([...content.events, { ...event, servedFrom: 'cache' }]));
          if (failure !== undefined) subscriber.next(failure);
        }
        subscriber.next(event);
      },
    };
  });
}

function isWhole({ finishReason, servedFrom }: GenerationEnd): boolean {
  return finishReason.unified === 'stop' && servedFrom === 'provider';
}

function failureOf(keep: () => unknown): GenerationEvent | undefined {
  try {
    const kept = keep();
    if (isPromise(kept)) void kept.then(undefined, () => undefined);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it threw something else than an Error';
    return { type: 'warning', about: 'keepWhole', message: `A whole answer could not be kept: ${reason}.` };
  }
}
