import type { Redact, WireRequest } from 'scriptorium/plugin';
import { keyOf } from './canonical.js';
import type { Exchange } from './exchange.js';
import { miss } from './miss.js';
import { redactAlso, writtenRequest } from './written-request.js';

/** What was recorded, to be played once each. */
export interface Tape {
  /** The next recording of this very request. @throws GenerationError where there is none (left) */
  take(request: WireRequest): Exchange;
}

export interface TapeParts {
  readonly file: string;
  readonly exchanges: readonly Exchange[];
  readonly redact: Redact;
  /** How to record again, as a sentence. */
  readonly remedy: string;
}

/** Recordings of equal requests are played in the order in which they were made. */
export function tape({ file, exchanges, redact, remedy }: TapeParts): Tape {
  const unplayed = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const key = keyOf(exchange.request);
    unplayed.set(key, [...(unplayed.get(key) ?? []), exchange]);
  }
  return {
    take: (request) => {
      const sent = writtenRequest(request, redactAlso(redact, request.headers));
      // A key made up for a test may be a word of the prompt; that of the recording was not.
      const asItIs = writtenRequest(request, (text) => text);
      const exchange = unplayed.get(keyOf(sent))?.shift() ?? unplayed.get(keyOf(asItIs))?.shift();
      if (exchange === undefined) throw miss({ file, remedy, exchanges, sent, origin: originOf(request.url) });
      return exchange;
    },
  };
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
