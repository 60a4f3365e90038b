import { widthOf } from '../shown/width.js';

/** East Asian characters may stand at the end of a line, each by itself. */
const CHARACTER = /[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]/u;
const PIECES = new RegExp(`\\n|[^\\S\\n]+|${CHARACTER.source}|(?:(?!${CHARACTER.source})\\S)+`, 'gu');

/** Sets line ends between the words of a text that comes in pieces, so that no word is split at the edge of a terminal. */
export class WrappedLines {
  private column = 0;
  private blank = '';
  private word = '';

  /** @param columns the width of the terminal, which may change */
  constructor(private readonly columns: () => number) {}

  /** Returns what can be written by now. The last word waits for its end. */
  take(text: string): string {
    return (text.match(PIECES) ?? []).map((piece) => this.takePiece(piece)).join('');
  }

  /** Returns what waits. */
  rest(): string {
    const written = this.endWord() + this.blank;
    this.column += this.blank.length;
    this.blank = '';
    return written;
  }

  /** Something else was written into the line. */
  skip(columns: number): void {
    this.column += columns;
  }

  private takePiece(piece: string): string {
    if (piece === '\n') return this.endLine();
    if (/^\s/.test(piece)) {
      const written = this.endWord();
      this.blank += piece;
      return written;
    }
    const written = CHARACTER.test(piece) ? this.endWord() : '';
    this.word += piece;
    return widthOf(this.word) >= this.columns() ? written + this.endWord() : written;
  }

  private endWord(): string {
    const { column, blank, word } = this;
    if (word === '') return '';
    const columns = this.columns();
    const isTooLong = column > 0 && column + blank.length + widthOf(word) > columns;
    const end = (isTooLong ? 0 : column + blank.length) + widthOf(word);
    // A word that is wider than the terminal goes on in the next line.
    this.column = end <= columns ? end : end % columns || columns;
    this.blank = this.word = '';
    return isTooLong ? `\n${word}` : blank + word;
  }

  private endLine(): string {
    const written = `${this.endWord()}${this.blank}\n`;
    this.column = 0;
    this.blank = '';
    return written;
  }
}
