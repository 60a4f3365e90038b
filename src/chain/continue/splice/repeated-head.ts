import { isSpaceAt, isWordCharacterAt } from './white-space.js';

/** A repetition that does not reach the end of the text has so many characters. */
const LEAST = 60;
/** Longest word that is compared. */
const LONGEST_WORD = 40;

export interface HeadOptions {
  /** The positions of the text from which an answer may repeat it. */
  readonly ways: readonly number[];
  /** Whether nothing stands between the text and the answer. */
  readonly isInsideWord: boolean;
}

/** Compares the visible beginning of an answer with the text that it should continue. */
export class RepeatedHead {
  private cursors: number[];
  private length = 0;
  /** The last word of the text; empty once the answer differs from it. */
  private word: string;

  /** @param text the delivered text, without trailing white space */
  constructor(
    private readonly text: string,
    private readonly options: HeadOptions,
  ) {
    this.cursors = [...options.ways];
    this.word = lastWordOf(text);
  }

  /** Takes the character at `at`: whether the beginning is new, repeats the text, or is `undecided`. */
  take(characters: string, at: number): 'new' | 'repeats' | 'undecided' {
    if (this.length === this.word.length && this.isRepeatedWordBefore(characters, at)) return 'repeats';
    const code = characters.charCodeAt(at);
    if (this.word.charCodeAt(this.length) !== code) this.word = '';
    const isAtEnd = this.advance(code);
    this.length += 1;
    if (isAtEnd) return 'repeats';
    if (this.cursors.length === 0 && this.word === '') return 'new';
    return this.length >= LEAST ? 'repeats' : 'undecided';
  }

  /** Whether the answer so far is exactly the last word again. */
  get isRepeatedWord(): boolean {
    return this.word !== '' && this.length === this.word.length;
  }

  private isRepeatedWordBefore(characters: string, at: number): boolean {
    return this.isRepeatedWord && (this.options.isInsideWord || !isWordCharacterAt(characters, at));
  }

  private advance(code: number): boolean {
    let [alive, isAtEnd] = [0, false];
    for (const cursor of this.cursors) {
      if (this.text.charCodeAt(cursor) !== code) continue;
      if (cursor + 1 === this.text.length) isAtEnd = true;
      else {
        this.cursors[alive] = cursor + 1;
        alive += 1;
      }
    }
    this.cursors.length = alive;
    return isAtEnd;
  }
}

/** The last word or mark, if it is not too long. */
function lastWordOf(text: string): string {
  let start = text.length;
  while (start > 0 && text.length - start <= LONGEST_WORD && !isSpaceAt(text, start - 1)) start -= 1;
  const word = text.slice(start);
  return word.length <= LONGEST_WORD ? word : '';
}
