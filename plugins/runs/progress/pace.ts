const WINDOW_MS = 5_000;
/** Letters a token has on average. */
const LETTERS_A_TOKEN = 4;

/** The speed of one or more texts over the last seconds. */
export class Pace {
  private letters = 0;
  private samples: { readonly at: number; readonly letters: number }[] = [];

  take(delta: string): void {
    this.letters += delta.length;
  }

  /** Tokens a second, estimated from the letters. Call it regularly. @param now milliseconds, monotonic */
  tokensPerSecond(now: number): number {
    this.samples.push({ at: now, letters: this.letters });
    while ((this.samples[1]?.at ?? now) <= now - WINDOW_MS) this.samples.shift();
    const [first] = this.samples;
    if (first === undefined || first.at === now) return 0;
    return ((this.letters - first.letters) / LETTERS_A_TOKEN / (now - first.at)) * 1_000;
  }
}
