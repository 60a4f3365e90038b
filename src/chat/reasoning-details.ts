import { asList, asObject } from './json.js';
import type { Json } from './json.js';

/** Fields whose fragments follow each other as one text. */
const TEXTS = ['text', 'summary'] as const;

/**
 * Gathers a model's reasoning details, which come in fragments and have to be sent back whole, unmodified and in order: a
 * fragment goes on with the last entry if that has the same type, index and id; a signature may come alone, at the end.
 */
export class ReasoningDetails {
  private readonly entries: Json[] = [];
  private wasThere = false;

  /** Takes the `reasoning_details` of one chunk, or of an answer that came whole: its entries are none to be joined. An empty list means something too, to some models. */
  take(fragments: unknown, isWhole: boolean): void {
    if (!Array.isArray(fragments)) return;
    this.wasThere = true;
    for (const value of asList(fragments)) {
      const fragment = asObject(value);
      const last = this.entries.at(-1);
      if (fragment === undefined) continue;
      if (last !== undefined && !isWhole && goesOn(last, fragment))
        this.entries[this.entries.length - 1] = joined(last, fragment);
      else this.entries.push(fragment);
    }
  }

  /** Undefined where the vendor spoke of none. */
  whole(): readonly unknown[] | undefined {
    return this.wasThere ? this.entries : undefined;
  }
}

function goesOn(last: Json, fragment: Json): boolean {
  const isText = TEXTS.some((field) => typeof last[field] === 'string');
  const isSame =
    last.type === fragment.type &&
    last.index === fragment.index &&
    (fragment.id == null || last.id == null || last.id === fragment.id);
  return isText && isSame && last.index !== undefined && last.signature == null;
}

function joined(last: Json, fragment: Json): Json {
  const said = Object.fromEntries(Object.entries(fragment).filter(([, value]) => value != null));
  const texts = Object.fromEntries(
    TEXTS.flatMap((field) => {
      const [before, after] = [last[field], fragment[field]];
      return typeof before === 'string' && typeof after === 'string' ? [[field, before + after]] : [];
    }),
  );
  return { ...last, ...said, ...texts };
}
