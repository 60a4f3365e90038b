/** By how much a vendor counts and charges more than the bounds say. */
export interface Excess {
  /** Tokens of a prompt, for each token of its bound. */
  readonly factor: number;
  /** Further tokens of every prompt, such as the vendor's own instructions. */
  readonly extraTokens: number;
  /** US dollars, for each dollar of the worst case. */
  readonly priceFactor: number;
}

/** What an attempt was billed, beside its worst case. */
export interface Billed {
  readonly promptTokens: number;
  readonly usd: number;
  readonly worst: {
    readonly promptTokens: number;
    readonly usd: number;
    /** The excess that the worst case was computed with: many attempts may have begun before the first bill. */
    readonly excess: Excess;
  };
}

/** Without any excess. */
export const NO_EXCESS: Excess = { factor: 1, extraTokens: 0, priceFactor: 1 };
/** A vendor's own instructions are not longer. What is more is counted for each token. */
const MOST_EXTRA = 200;

/**
 * Learns from bills above the worst case, by provider and model: a vendor with another tokenizer, with own instructions, or
 * with prices above the catalogue's exceeds its worst case only until the first such bill.
 */
export class Excesses {
  private readonly known = new Map<string, Excess>();

  of(route: string): Excess {
    return this.known.get(route) ?? NO_EXCESS;
  }

  learn(route: string, { promptTokens, usd, worst }: Billed): void {
    const known = this.of(route);
    const { factor, extraTokens, priceFactor } = worst.excess;
    const raise = (name: keyof Excess, value: number): void => {
      this.known.set(route, { ...known, [name]: Math.max(known[name], value) });
    };
    const more = promptTokens - worst.promptTokens;
    if (more > MOST_EXTRA) raise('factor', factor * (promptTokens / worst.promptTokens));
    else if (more > 0) raise('extraTokens', extraTokens + more);
    else if (worst.usd > 0 && usd > worst.usd) raise('priceFactor', priceFactor * (usd / worst.usd));
  }
}
