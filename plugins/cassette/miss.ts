import { GenerationError } from 'scriptorium';
import { keyOf } from './canonical.js';
import { differences } from './differences.js';
import type { Exchange, RecordedRequest } from './exchange.js';

export interface MissParts {
  readonly file: string;
  readonly exchanges: readonly Exchange[];
  /** Without secrets. */
  readonly sent: RecordedRequest;
  readonly origin: string;
  /** As a sentence. */
  readonly remedy: string;
}

const MOST_DIFFERENCES = 5;

/** Nothing was sent, and trying again, here or elsewhere, would not help. */
export function miss({ file, exchanges, sent, origin, remedy }: MissParts): GenerationError {
  const what = `The cassette ${file} has no recording of ${sent.method} ${origin}${sent.path}`;
  return new GenerationError('configuration', `${what}: ${reason(exchanges, sent)} Nothing was sent. ${remedy}`, {
    neverSent: true,
  });
}

function reason(exchanges: readonly Exchange[], sent: RecordedRequest): string {
  if (exchanges.length === 0) return 'it is empty.';
  const same = exchanges.filter(({ request }) => keyOf(request) === keyOf(sent)).length;
  if (same > 0)
    return `this request was recorded ${times(same)} and has been played ${times(same)}; now it came once more.`;
  const [nearest] = exchanges
    .map(({ request }, index) => ({ number: index + 1, found: differences(request, sent) }))
    .sort((a, b) => a.found.length - b.found.length || a.number - b.number);
  const { number, found } = nearest ?? { number: 0, found: [] };
  const more = found.length > MOST_DIFFERENCES ? ` and ${found.length - MOST_DIFFERENCES} more` : '';
  return `the nearest one, number ${number} of ${exchanges.length}, differs in ${found.slice(0, MOST_DIFFERENCES).join(', ')}${more}.`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
