/** Longest white space before the first visible character of a continuation. */
const LONGEST = 1_000;

/** The white space at a cut: what was delivered before it, and what the answer has brought after it. */
export class CutSpace {
  private read = '';

  /** @param delivered the white space at the end of the delivered text */
  constructor(private readonly delivered: string) {}

  /** Takes a character of white space from the answer. Returns false if there are too many. */
  take(character: string): boolean {
    this.read += character;
    return this.read.length <= LONGEST;
  }

  get hasLineBreak(): boolean {
    return /[\n\r\u2028\u2029]/u.test(this.read);
  }

  get isEmpty(): boolean {
    return this.read === '' && this.delivered === '';
  }

  /** Whether text that now follows contradicts the delivered white space, which is a part of the text. */
  get isContradicted(): boolean {
    return this.delivered !== '' && this.read === '';
  }

  /** The white space that the answer adds. What differs from the delivered white space adds nothing. */
  get added(): string {
    return this.read.startsWith(this.delivered) ? this.read.slice(this.delivered.length) : '';
  }
}
