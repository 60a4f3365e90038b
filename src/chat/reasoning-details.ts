import { joinPieces } from './join-pieces.js';
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
   * @param isWhole the entries are not fragments, and stand in place of all before
   * @returns whether there were any
   */
  take(fragments: unknown, isWhole: boolean): boolean {
    if (!Array.isArray(fragments)) return false;
    this.wasThere = true;
    if (isWhole && fragments.length > 0) this.entries.length = 0;
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

  /**
   * Adds the parts of a content that hold thoughts, such as Mistral's.
   * @param isNext they go on from the last part, of which they are pieces
   */
  takeParts(parts: readonly Json[], isNext: boolean): void {
    for (const part of parts) {
      this.wasThere = true;
      const last = this.entries.at(-1);
      if (isNext && last !== undefined && isPieceOf(last, part))
        this.entries[this.entries.length - 1] = longer(last, part);
      else this.entries.push(part);
    }
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

function isPieceOf(last: Json, part: Json): boolean {
  const isSame = last.type === part.type && Array.isArray(last.thinking) === Array.isArray(part.thinking);
  return isSame && last.signature == null && last.closed !== true;
}

/** Texts that follow each other in `thinking` become one. */
function longer(last: Json, part: Json): Json {
  const joined = joinPieces(last, part);
  return Array.isArray(joined.thinking)
    ? { ...joined, thinking: asList(joined.thinking).reduce(withNext, []) }
    : joined;
}

function withNext(list: readonly unknown[], entry: unknown): readonly unknown[] {
  const [last, next] = [asObject(list.at(-1)), asObject(entry)];
  const areTexts = last?.type === 'text' && next?.type === 'text';
  return areTexts ? [...list.slice(0, -1), joinPieces(last, next)] : [...list, entry];
}
