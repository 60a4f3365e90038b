import type { Span } from '../journal/item.js';
import { copyOf } from './stored-run.js';
import type { StoredItem } from './stored-run.js';

const SOURCE = ['generation', 'attempt', 'provider', 'model'] as const;

/** The stretches of a text. Neighbours by the same attempt are one. */
export function spansOf({ chunks }: StoredItem): readonly Span[] {
  const spans: Span[] = [];
  for (const { at, text, source } of chunks) {
    const last = spans.at(-1);
    const to = at + Buffer.byteLength(text);
    const isSame = last !== undefined && SOURCE.every((part) => last[part] === source[part]);
    if (isSame) spans[spans.length - 1] = { ...last, to };
    else spans.push({ ...copyOf(source), from: at, to });
  }
  return spans;
}
