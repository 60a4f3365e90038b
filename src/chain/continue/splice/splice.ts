import { sentenceStarts } from './sentence-starts.js';
import { isLineBreakAt, isSpaceAt, isWordStart } from './white-space.js';

/** What becomes of the characters just taken. */
export type SpliceDecision =
  /** Undecided: they are kept back, as are those before them. */
  | { readonly type: 'hold' }
  /** They only repeat what has been delivered. */
  | { readonly type: 'drop' }
  /** This much of them is new. From now on everything is. */
  | { readonly type: 'emit'; readonly text: string }
  /** The answer does not go on from the text. */
  | { readonly type: 'untrusted' };

/** What an answer came to that has ended. */
export type SpliceEnd =
  /** It brought something new. */
  | 'joined'
  /** It came to the end of the delivered text and added nothing: that text is whole. */
  | 'whole'
  /** It had not a word. */
  | 'nothing'
  | 'untrusted';

/** What stands before the text when a model chats first: no longer than this, and closed by a colon and a line break. */
const LONGEST_PREAMBLE = 300;
/** How many words before the anchor a model may repeat after a preamble. */
const WORDS_AFTER_PREAMBLE = 16;

/**
 * The splice between a text that broke off and the answer that is to go on with it. A pure state machine: each character
 * is looked at once, and at most a constant number of places is compared with it.
 *
 * Without an anchor the model was given the whole text and goes on at its very end, so nothing is ever cut. Only white
 * space at that end, which vendors refuse or drop in a prefill, may come again; it is not doubled.
 *
 * With an anchor the model was given the text less its last words and has to bring them back. The anchor stands nowhere
 * else in the text (`anchorStart`), so wherever the answer brings it back, there is exactly one place where it can be,
 * and what follows is new. The answer may get there
 *
 * - at once,
 * - from the start of the text (it starts over), or from the start of a sentence or line (it repeats its tail),
 * - after a preamble that ends with a colon and a line break (it chats first), and then in one of these ways, or from one
 *   of the last words before the anchor.
 *
 * Each of these ways is a cursor into the delivered text, which dies at the first character that differs. When none is
 * left, and no preamble can come any more, the answer paraphrases or has left the text: nobody can say where it would
 * have to be joined, and nothing of it is used.
 */
export class Splice {
  /** The end of the delivered text, less the white space there. */
  private readonly end: number;
  private cursors: number[] = [];
  /** The cursors that set out with the next character that is no white space. */
  private waiting: readonly number[] = [];
  /** How far the answer has come in the delivered text, once it is known to have reached its end. */
  private landedAt: number | undefined;
  private taken = 0;
  /** The last character that was neither white space nor emphasis. */
  private lastInk: string | undefined;
  private hasInk = false;
  private hasAdded = false;
  private isLost = false;

  /** @param anchor where the anchor begins; left out if the model was given the whole text */
  constructor(
    private readonly text: string,
    private readonly anchor?: number,
  ) {
    this.end = text.trimEnd().length;
    if (anchor === undefined || this.end === 0) this.landedAt = this.end;
    else this.waiting = waysBack(text, anchor);
  }

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

  /** The answer has ended properly. */
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

/** The places of the delivered text from which an answer may come to its end. */
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
