import { Landing } from './landing.js';
import { Occurrences } from './occurrences.js';
import { HOLD } from './splice.js';
import type { Splice, SpliceDecision, SpliceEnd } from './splice.js';
import { lastWords, waysBack } from './ways-back.js';
import { isLineBreakAt, isSpaceAt } from './white-space.js';

export interface AnchoredOptions {
  /** The delivered text. */
  readonly text: string;
  /** Start of the anchor, after at least one visible character. */
  readonly anchor: number;
  /** Whether a part of the anchor was not shown to the model. */
  readonly isHidden: boolean;
}

/** Maximum length of a model's preamble, which ends with a colon and a line break. */
const LONGEST_PREAMBLE = 300;
const MOST_PREAMBLE_LINES = 3;
/** The last characters of its last line, and of the lines before it. */
const COLONS = ':：';
const SENTENCE_ENDS = '.!。！';

/**
 * The splice for a model that was given the text without its last words, the anchor, and has to repeat them. The anchor
 * occurs once in the text (`anchorStart`), so its position is unique wherever the answer repeats it, and the text after
 * it is new. The answer may reach the anchor
 *
 * - at once,
 * - from the start of the text (the model starts over), or from the start of a sentence or line (it repeats its tail),
 * - after a preamble that ends with a colon and a line break, and then in one of these ways or from one of the last
 *   words before the anchor. A preamble has at most three lines, all of them sentences that the delivered
 *   text does not have.
 *
 * Each of these ways is a cursor into the delivered text, which is dropped at the first character that differs. If no
 * cursor is left and no preamble can follow, the answer paraphrases or has left the text. Its position is then unknown,
 * and nothing of it is used. An answer that has reached the end of the delivered text is a `Landing`.
 */
export class AnchoredSplice implements Splice {
  /** The end of the delivered text without trailing white space. */
  private readonly end: number;
  private readonly ways: readonly number[];
  /** The ways after a preamble. */
  private furtherWays: readonly number[] | undefined;
  private readonly direct: number[] = [];
  private readonly afterPreamble: number[] = [];
  /** Whether cursors start at the next character that is not white space. */
  private isWaiting = true;
  private hasPreamble = false;
  /** Whether the answer begins with something else than a preamble. */
  private isText = false;
  private line = '';
  private lines = 0;
  private landing: Landing | undefined;
  private readonly anchors: Occurrences;
  private anchorsSeen = 0;
  private taken = 0;
  private hasInk = false;

  constructor(private readonly options: AnchoredOptions) {
    this.end = options.text.trimEnd().length;
    this.anchors = new Occurrences(options.text.slice(options.anchor, this.end));
    this.ways = waysBack(options.text, options.anchor);
  }

  take(characters: string): SpliceDecision {
    for (let at = 0; at < characters.length; at += 1) {
      const decision = this.landing === undefined ? this.follow(characters, at) : this.landing.take(characters, at);
      if (decision !== undefined) return decision;
    }
    return HOLD;
  }

  close(): SpliceEnd {
    if (this.landing !== undefined) return this.landing.close();
    return { type: 'untrusted', doubt: this.hasInk ? 'differs' : 'nothing' };
  }

  private follow(characters: string, at: number): SpliceDecision | undefined {
    if (this.isWaiting && !isSpaceAt(characters, at)) this.start();
    const code = characters.charCodeAt(at);
    if (this.anchors.take(code)) this.anchorsSeen += 1;
    if (this.advance(this.direct, code)) this.land('direct');
    else if (this.advance(this.afterPreamble, code)) {
      // What looked like a preamble was text, or quoted the anchor.
      if (this.anchorsSeen > 1) return { type: 'untrusted', doubt: 'repeats' };
      this.land('after-preamble');
    }
    if (this.taken < LONGEST_PREAMBLE) this.watchForPreamble(characters, at);
    const { mayLand } = this;
    this.taken += 1;
    return mayLand ? undefined : { type: 'untrusted', doubt: 'differs' };
  }

  private get mayLand(): boolean {
    const isFollowing = this.direct.length > 0 || this.afterPreamble.length > 0;
    return isFollowing || this.isWaiting || this.taken < LONGEST_PREAMBLE;
  }

  private start(): void {
    [this.isWaiting, this.hasInk] = [false, true];
    if (!this.hasPreamble) this.direct.push(...this.ways);
    else this.afterPreamble.push(...this.ways, ...this.waysAfterPreamble());
  }

  private waysAfterPreamble(): readonly number[] {
    this.furtherWays ??= lastWords(this.options.text, this.options.anchor);
    return this.furtherWays;
  }

  /** Moves the cursors on. Returns whether one has reached the end of the delivered text. */
  private advance(cursors: number[], code: number): boolean {
    let [alive, isAtEnd] = [0, false];
    for (const cursor of cursors) {
      if (this.options.text.charCodeAt(cursor) !== code) continue;
      cursors[alive] = cursor + 1;
      alive += 1;
      isAtEnd ||= cursor + 1 === this.end;
    }
    cursors.length = alive;
    return isAtEnd;
  }

  private land(kind: 'direct' | 'after-preamble'): void {
    const { text, anchor, isHidden } = this.options;
    this.landing = new Landing({ text, anchor, kind: isHidden ? 'proven' : kind });
  }

  private watchForPreamble(characters: string, at: number): void {
    if (!isLineBreakAt(characters, at)) this.line += characters.charAt(at);
    else if (!this.isText) {
      const line = this.line.trim();
      this.line = '';
      if (line !== '') this.endLine(line);
    }
  }

  private endLine(line: string): void {
    const last = line.replace(/[*_\s]+$/u, '').slice(-1);
    this.lines += 1;
    const isSentence = last !== '' && (COLONS.includes(last) || SENTENCE_ENDS.includes(last));
    this.isText = !isSentence || this.lines > MOST_PREAMBLE_LINES || this.options.text.includes(line);
    if (!this.isText && COLONS.includes(last)) [this.isWaiting, this.hasPreamble] = [true, true];
  }
}
