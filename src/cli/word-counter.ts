/** Counts the words of a text that comes in pieces, wherever they are cut. */
export class WordCounter {
  private count = 0;
  private isInsideWord = false;

  get words(): number {
    return this.count;
  }

  take(piece: string): void {
    if (piece === '') return;
    const begun = piece.match(/\S+/g)?.length ?? 0;
    this.count += this.isInsideWord && /^\S/.test(piece) ? begun - 1 : begun;
    this.isInsideWord = /\S$/.test(piece);
  }
}
