/**
 * Finds the start of a form at the end of a text, in one look at it.
 * @see Knuth, Morris and Pratt, "Fast pattern matching in strings", SIAM Journal on Computing 6 (1977)
 */
export class StartOf {
  /** By the number of characters that fit: how many of them still fit if the next one does not. */
  private readonly shorter: Uint16Array | Uint32Array;

  /** @param least fewer characters are not a start */
  constructor(
    private readonly form: string,
    private readonly least: number,
  ) {
    this.shorter = form.length < 65_536 ? new Uint16Array(form.length) : new Uint32Array(form.length);
    for (let index = 1, fits = 0; index < form.length; index += 1) {
      fits = this.next(fits, form.charCodeAt(index));
      this.shorter[index] = fits;
    }
  }

  /** The number of characters between two places that are the longest start of the form, which is not whole; 0 if too few. */
  lengthBefore(text: string, from: number, end: number): number {
    const begin = Math.max(from, end - this.form.length + 1);
    if (end - begin < this.least) return 0;
    let fits = 0;
    for (let index = begin; index < end; index += 1) fits = this.next(fits, text.charCodeAt(index));
    return fits >= this.least ? fits : 0;
  }

  private next(fits: number, code: number): number {
    let length = fits;
    while (length > 0 && this.form.charCodeAt(length) !== code) length = this.shorter[length - 1] ?? 0;
    return this.form.charCodeAt(length) === code ? length + 1 : length;
  }
}
