import { sentenceStarts } from './sentence-starts.js';
import { isLineBreakAt, isSpaceAt, isWordStart } from './white-space.js';

/** The decision on the characters just taken. */
export type SpliceDecision =
  /** Undecided: hold these characters and the ones before them. */
  | { readonly type: 'hold' }
  /** They repeat delivered text. */
  | { readonly type: 'drop' }
  /** `text` is the new part. All characters that follow are new. */
  | { readonly type: 'emit'; readonly text: string }
  /** The answer does not continue the text. */
  | { readonly type: 'untrusted' };

/** The result of a finished answer. */
export type SpliceEnd =
  /** The answer added new text. */
  | 'joined'
  /** The answer reached the end of the delivered text and added nothing: that text is complete. */
  | 'whole'
  /** The answer was empty. */
  | 'nothing'
  | 'untrusted';

/** Maximum length of a model's preamble, which ends with a colon and a line break. */
const LONGEST_PREAMBLE = 300;
/** Number of words before the anchor from which a model may start after a preamble. */
const WORDS_AFTER_PREAMBLE = 16;

/**
 * Joins the answer to a continuation request to the text delivered so far. A pure state machine: each character is read
 * once and compared at a bounded number of positions.
 *
 * Without an anchor, the model was given the whole text and continues at its very end, so nothing is cut. Only white
 * space at that end, which vendors reject or drop in a prefill, may be repeated; it is not doubled.
 *
 * With an anchor, the model was given the text without its last words and has to repeat them. The anchor occurs once in
 * the text (`anchorStart`), so its position is unique wherever the answer repeats it, and the text after it is new. The
 * answer may reach the anchor
 *
 * - at once,
 * - from the start of the text (the model starts over), or from the start of a sentence or line (it repeats its tail),
 * - after a preamble that ends with a colon and a line break, and then in one of these ways or from one of the last
 *   words before the anchor.
 *
 * Each of these ways is a cursor into the delivered text, which is dropped at the first character that differs. If no
 * cursor is left and no preamble can follow, the answer paraphrases or has left the text. Its position is then unknown,
 * and nothing of it is used.
 * @see docs/continuity.md
 */
export class Splice {
  /** The end of the delivered text without trailing white space. */
  private readonly end: number;
  private cursors: number[] = [];
  /** Cursors that start at the next character that is not white space. */
  private waiting: readonly number[] = [];
  /** The answer's position in the delivered text, once it has reached its end. */
  private landedAt: number | undefined;
  private taken = 0;
  /** The last character that was neither white space nor emphasis. */
  private lastInk: string | undefined;
  private hasInk = false;
  private hasAdded = false;
  private isLost = false;

  /** @param anchor start of the anchor; undefined if the model was given the whole text */
  constructor(
    private readonly text: string,
    private readonly anchor?: number,
  ) {
    this.end = text.trimEnd().length;
    if (anchor === undefined || this.end === 0) this.landedAt = this.end;
    else this.waiting = waysBack(text, anchor);
  }

  /** Takes the next characters of the answer and decides what happens to them. */
  take(characters: string): SpliceDecision {
    if (this.hasAdded) return { type: 'emit', text: characters };
    for (let at = 0; at < characters.length && !this.isLost; at += 1) {
      if (this.landedAt === undefined) this.follow(characters, at);
      else if (this.landedAt < this.text.length && characters.charCodeAt(at) === this.text.charCodeAt(this.landedAt))
        this.landedAt += 1;
      else {
        this.hasAdded = true;
        return { type: 'emit', text: characters.slice(at) };
      }
      this.taken += 1;
    }
    if (this.isLost) return { type: 'untrusted' };
    return { type: this.landedAt === undefined ? 'hold' : 'drop' };
  }

  /** Returns the result when the answer has ended normally. */
  close(): SpliceEnd {
    if (this.hasAdded) return 'joined';
    if (this.landedAt !== undefined && this.taken > 0) return 'whole';
    return this.hasInk ? 'untrusted' : 'nothing';
  }

  private follow(characters: string, at: number): void {
    if (!isSpaceAt(characters, at)) {
      this.hasInk = true;
      this.cursors.push(...this.waiting);
      this.waiting = [];
    }
    this.advance(characters.charCodeAt(at));
    if (this.taken < LONGEST_PREAMBLE) this.watchForPreamble(characters, at);
    const mayStillComeBack = this.cursors.length > 0 || this.waiting.length > 0 || this.taken < LONGEST_PREAMBLE;
    this.isLost = this.landedAt === undefined && !mayStillComeBack;
  }

  private advance(code: number): void {
    let alive = 0;
    for (const cursor of this.cursors) {
      if (this.text.charCodeAt(cursor) !== code) continue;
      this.cursors[alive] = cursor + 1;
      alive += 1;
      if (cursor + 1 === this.end) this.landedAt = this.end;
    }
    this.cursors.length = alive;
  }

  private watchForPreamble(characters: string, at: number): void {
    const character = characters.charAt(at);
    if (!isSpaceAt(characters, at) && character !== '*' && character !== '_') this.lastInk = character;
    const isClosed = (this.lastInk === ':' || this.lastInk === '：') && isLineBreakAt(characters, at);
    if (isClosed && this.anchor !== undefined)
      this.waiting = [...waysBack(this.text, this.anchor), ...lastWords(this.text, this.anchor)];
  }
}

/** The positions of the delivered text from which an answer may reach its end. */
function waysBack(text: string, anchor: number): readonly number[] {
  const start = text.length - text.trimStart().length;
  return [...new Set([Math.max(anchor, start), ...sentenceStarts(text, anchor), start])];
}

function lastWords(text: string, end: number): readonly number[] {
  const starts: number[] = [];
  for (let at = end - 1; at >= 0 && starts.length < WORDS_AFTER_PREAMBLE; at -= 1) {
    if (isWordStart(text, at)) starts.push(at);
  }
  return starts;
}
