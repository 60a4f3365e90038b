/**
 * Finds a pattern in a text that arrives character by character. Knuth, Morris and Pratt's algorithm (SIAM Journal on
 * Computing 6, 1977): linear time, one number per character of the pattern in memory.
 */
export class Occurrences {
  private readonly borders: Int32Array;
  private length = 0;

  constructor(private readonly pattern: string) {
    this.borders = bordersOf(pattern);
  }

  /** Takes the next UTF-16 unit. Returns whether the pattern ends with it. */
  take(unit: number): boolean {
    while (this.length > 0 && this.pattern.charCodeAt(this.length) !== unit)
      this.length = this.borders[this.length - 1] ?? 0;
    if (this.pattern.charCodeAt(this.length) === unit) this.length += 1;
    return this.length > 0 && this.length === this.pattern.length;
  }

  /** Length of the longest end of the text so far that begins the pattern. */
  get matched(): number {
    return this.length;
  }
}

/** For each beginning of the pattern, the length of its longest proper end that is a beginning of the pattern too. */
function bordersOf(pattern: string): Int32Array {
  const borders = new Int32Array(pattern.length);
  for (let at = 1, length = 0; at < pattern.length; at += 1) {
    while (length > 0 && pattern.charCodeAt(at) !== pattern.charCodeAt(length)) length = borders[length - 1] ?? 0;
    if (pattern.charCodeAt(at) === pattern.charCodeAt(length)) length += 1;
    borders[at] = length;
  }
  return borders;
}
