import { asList, asObject } from './json.js';
import type { Json } from './json.js';

/** Fields whose fragments are concatenated. */
const TEXTS = ['text', 'summary'] as const;

/**
 * Joins the fragments of a model's reasoning details, which have to be sent back complete, unmodified and in order. A
 * fragment extends the last entry if it has the same type, index and id; a signature may come alone, at the end.
 */
export class ReasoningDetails {
  private readonly entries: Json[] = [];
  private wasThere = false;

  /**
   * Adds the `reasoning_details` of one chunk. An empty list is kept, since it has a meaning for some models.
   * @param isWhole the answer is not streamed, so its entries are not fragments
   * @returns whether there were any
   */
  take(fragments: unknown, isWhole: boolean): boolean {
    if (!Array.isArray(fragments)) return false;
    this.wasThere = true;
    for (const value of asList(fragments)) {
      const fragment = asObject(value);
      const last = this.entries.at(-1);
      if (fragment === undefined) continue;
      if (last !== undefined && !isWhole && isFragmentOf(last, fragment))
        this.entries[this.entries.length - 1] = joined(last, fragment);
      else this.entries.push(fragment);
    }
    return fragments.length > 0;
  }

  /** The joined entries; undefined if the vendor sent none. */
  whole(): readonly unknown[] | undefined {
    return this.wasThere ? this.entries : undefined;
  }
}

function isFragmentOf(last: Json, fragment: Json): boolean {
  const isText = TEXTS.some((field) => typeof last[field] === 'string');
  const isSame =
    last.type === fragment.type &&
    last.index === fragment.index &&
    (fragment.id == null || last.id == null || last.id === fragment.id);
  return isText && isSame && last.index !== undefined && last.signature == null;
}

function joined(last: Json, fragment: Json): Json {
  const present = Object.fromEntries(Object.entries(fragment).filter(([, value]) => value != null));
  const texts = Object.fromEntries(
    TEXTS.flatMap((field) => {
      const [before, after] = [last[field], fragment[field]];
      return typeof before === 'string' && typeof after === 'string' ? [[field, before + after]] : [];
    }),
  );
  return { ...last, ...present, ...texts };
}
