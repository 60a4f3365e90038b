/** The characters of a text that the page shows. */
export const TAIL = 400;

/** Characters kept before they are cut back to the tail, so that not every delta cuts. */
const KEPT = 4 * TAIL;

/** The end of a text that comes in pieces, with its counts. */
export class WrittenText {
  private kept = '';
  private isInsideWord = false;

  /** Characters taken so far, those of voided texts included. */
  taken = 0;
  /** Words of the text so far. */
  words = 0;
  /** The number of times that the text has begun again. */
  epoch = 0;

  take(piece: string): void {
    this.kept += piece;
    this.taken += piece.length;
    if (this.kept.length > KEPT) this.kept = this.kept.slice(-TAIL);
    this.count(piece);
  }

  /** Voids the text so far. */
  restart(): void {
    this.kept = '';
    this.words = 0;
    this.isInsideWord = false;
    this.epoch += 1;
  }

  /** The last 400 characters. */
  get tail(): string {
    return this.last(TAIL);
  }

  /** The last characters, at most 400. Never begins or ends inside a character. */
  last(characters: number): string {
    return characters <= 0 ? '' : this.kept.slice(-Math.min(characters, TAIL)).toWellFormed();
  }

  private count(piece: string): void {
    for (let at = 0; at < piece.length; at += 1) {
      const isSpace = isWhiteSpace(piece.charCodeAt(at));
      if (!isSpace && !this.isInsideWord) this.words += 1;
      this.isInsideWord = !isSpace;
    }
  }
}

function isWhiteSpace(code: number): boolean {
  return (
    code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x3000
  );
}
