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
  /** What its tokens cost by the worst case's prices, in US dollars. Undefined if they are not known. */
  readonly usualUsd?: number | undefined;
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
/** After so many bills in a row that need less than half of an excess, it is lowered to twice what they need. */
const BILLS_TO_RECOVER = 20;

interface Learned {
  readonly excess: Excess;
  /** The bound of the longest prompt that raised it. Much shorter ones say nothing about longer ones. */
  readonly promptTokens: number;
  /** Bills since then that fitted, and the largest share of the excess that one of them needed. */
  readonly fitted: number;
  readonly needed: number;
}

/**
 * Learns from bills above the worst case, by provider and model: a vendor with another tokenizer, with own instructions, or
 * with prices above the catalogue's exceeds its worst case only until the first such bill. A single odd bill is forgotten
 * when later ones do not bear it out.
 */
export class Excesses {
  private readonly learned = new Map<string, Learned>();

  of(route: string): Excess {
    return this.learned.get(route)?.excess ?? NO_EXCESS;
  }

  learn(route: string, billed: Billed): void {
    const { promptTokens, usd, worst } = billed;
    const { factor, extraTokens, priceFactor } = worst.excess;
    const more = promptTokens - worst.promptTokens;
    if (more > MOST_EXTRA) this.raise(route, billed, { factor: factor * (promptTokens / worst.promptTokens) });
    else if (more > 0) this.raise(route, billed, { extraTokens: extraTokens + more });
    else if (worst.usd > 0 && usd > worst.usd)
      this.raise(route, billed, { priceFactor: priceFactor * (usd / worst.usd) });
    else this.recover(route, billed);
  }

  private raise(route: string, { worst }: Billed, raised: Partial<Excess>): void {
    const { excess, promptTokens } = this.learned.get(route) ?? { excess: NO_EXCESS, promptTokens: 0 };
    const { factor = 1, extraTokens = 0, priceFactor = 1 } = raised;
    this.learned.set(route, {
      excess: {
        factor: Math.max(excess.factor, factor),
        extraTokens: Math.max(excess.extraTokens, extraTokens),
        priceFactor: Math.max(excess.priceFactor, priceFactor),
      },
      promptTokens: Math.max(promptTokens, boundIn(worst)),
      fitted: 0,
      needed: 0,
    });
  }

  /** Counts only attempts that began under the present excess: others say nothing about what came after them. */
  private recover(route: string, billed: Billed): void {
    const learned = this.learned.get(route);
    if (learned === undefined || !isSame(learned.excess, billed.worst.excess)) return;
    if (!(boundIn(billed.worst) >= learned.promptTokens / 2)) return;
    const needed = Math.max(learned.needed, shareNeeded(billed));
    const fitted = needed < 0.5 ? learned.fitted + 1 : 0;
    if (fitted < BILLS_TO_RECOVER) {
      this.learned.set(route, { ...learned, fitted, needed: fitted === 0 ? 0 : needed });
      return;
    }
    if (needed === 0) this.learned.delete(route);
    else this.learned.set(route, { ...learned, excess: shareOf(learned.excess, 2 * needed), fitted: 0, needed: 0 });
  }
}

/** The bound of the prompt without an excess. */
function boundIn({ promptTokens, excess }: Billed['worst']): number {
  return (promptTokens - excess.extraTokens) / excess.factor;
}

/** The share of its excess that a bill needs, from 0. */
function shareNeeded({ promptTokens, usd, usualUsd = 0, worst }: Billed): number {
  const { priceFactor } = worst.excess;
  const bound = boundIn(worst);
  const [room, price] = [worst.promptTokens - bound, usualUsd / priceFactor];
  return Math.max(
    room > 0 ? (promptTokens - bound) / room : 0,
    priceFactor > 1 && price > 0 ? (usd / price - 1) / (priceFactor - 1) : 0,
    0,
  );
}

function shareOf({ factor, extraTokens, priceFactor }: Excess, share: number): Excess {
  return {
    factor: 1 + (factor - 1) * share,
    extraTokens: Math.ceil(extraTokens * share),
    priceFactor: 1 + (priceFactor - 1) * share,
  };
}

function isSame(a: Excess, b: Excess): boolean {
  return a.factor === b.factor && a.extraTokens === b.extraTokens && a.priceFactor === b.priceFactor;
}
