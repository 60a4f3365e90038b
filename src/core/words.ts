/**
 * What separates words: the white space of Python's `str.split()`. JavaScript's `\s` differs at U+001C to U+001F, U+0085 and
 * U+FEFF.
 */
const BLANK = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const WORD = new RegExp(`[^${BLANK}]+`, 'g');
const BEGINS_WITH_WORD = new RegExp(`^[^${BLANK}]`);
const ENDS_WITH_WORD = new RegExp(`[^${BLANK}]$`);

/**
 * Counts the words of a text as Python's `len(text.split())` does.
 * @example
 * ```ts
 * countWords('Ada, Countess of Lovelace'); // 4
 * ```
 */
export function countWords(text: string): number {
  return text.match(WORD)?.length ?? 0;
}

/**
 * Counts the words of a text that comes in pieces, wherever they are cut.
 * @example
 * ```ts
 * const counter = new WordCounter();
 * for (const piece of ['Ada Love', 'lace']) counter.take(piece);
 * counter.words; // 2
 * ```
 */
export class WordCounter {
  private count = 0;
  private isInsideWord = false;

  get words(): number {
    return this.count;
  }

  take(piece: string): void {
    if (piece === '') return;
    const begun = countWords(piece);
    this.count += this.isInsideWord && BEGINS_WITH_WORD.test(piece) ? begun - 1 : begun;
    this.isInsideWord = ENDS_WITH_WORD.test(piece);
  }
}
