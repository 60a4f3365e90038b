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
  /** The cost of its tokens by the worst case's prices, in US dollars. Undefined if they are not known. */
  readonly usualUsd?: number | undefined;
  /** The attempt was let through although its excess did not fit. */
  readonly isTest?: boolean;
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
/** After so many refusals an excess that was borne out is tested again: the vendor may have mended its prices. */
const REFUSALS_TO_TEST = 20;
/** Other tokenizers, dearer hosts and changed prices stay below. A single bill above it is more likely to be odd. */
const PLAUSIBLE_FACTOR = 10;

interface Learned {
  readonly excess: Excess;
  /** The bound of the longest prompt that raised it. Much shorter ones say nothing about longer ones. */
  readonly promptTokens: number;
  /** Bills since then that fitted, and the largest share of the excess that one of them needed. */
  readonly fitted: number;
  readonly needed: number;
  /** Whether it is plausible, or a later bill has borne it out. */
  readonly isConfirmed: boolean;
  /** Attempts that it has refused since it was raised or tested. */
  readonly refused: number;
}

/**
 * Learns from bills above the worst case, by provider and model: a vendor with another tokenizer, with own instructions, or
 * with prices above the catalogue's exceeds its worst case only until the first such bill. A single odd bill is forgotten
 * when later ones do not bear it out.
 * @see docs/decisions/0020-a-budget-is-a-ceiling.md
 */
export class Excesses {
  private readonly learned = new Map<string, Learned>();

  of(route: string): Excess {
    return this.learned.get(route)?.excess ?? NO_EXCESS;
  }

  /** Whether an attempt that only the excess keeps from fitting may go, alone, to test it. Counts those that may not. */
  isToTest(route: string): boolean {
    const learned = this.learned.get(route);
    if (learned === undefined) return false;
    if (!learned.isConfirmed) return true;
    const refused = (learned.refused + 1) % REFUSALS_TO_TEST;
    this.learned.set(route, { ...learned, refused, isConfirmed: refused > 0 });
    return refused === 0;
  }

  learn(route: string, billed: Billed): void {
    const learned = this.learned.get(route);
    if (billed.isTest === true && learned !== undefined) this.test(route, learned, billed);
    else this.compare(route, billed);
  }

  private compare(route: string, billed: Billed): void {
    const { promptTokens, usd, worst } = billed;
    const { factor, extraTokens, priceFactor } = worst.excess;
    const more = promptTokens - worst.promptTokens;
    if (more > MOST_EXTRA)
      this.raise(route, billed, { factor: factor * (promptTokens / Math.max(worst.promptTokens, 1)) });
    else if (more > 0) this.raise(route, billed, { extraTokens: extraTokens + more });
    else if (worst.usd > 0 && usd > worst.usd)
      this.raise(route, billed, { priceFactor: priceFactor * (usd / worst.usd) });
    else this.recover(route, billed);
  }

  /** A bill of an attempt that did not heed the excess confirms it, or lowers it to twice what the bill needs. */
  private test(route: string, learned: Learned, billed: Billed): void {
    const { excess } = learned;
    const bound = boundIn(billed.worst);
    if (!(bound >= learned.promptTokens / 2)) return;
    const heeding = { ...billed.worst, promptTokens: bound * excess.factor + excess.extraTokens, excess };
    const usualUsd = (billed.usualUsd ?? 0) * excess.priceFactor;
    const needed = shareNeeded({ ...billed, usualUsd, worst: heeding });
    if (needed < 0.5) {
      this.lower(route, learned, needed);
      return;
    }
    this.learned.set(route, { ...learned, isConfirmed: true });
    this.compare(route, billed);
  }

  private lower(route: string, learned: Learned, needed: number): void {
    if (needed === 0) this.learned.delete(route);
    else this.learned.set(route, { ...learned, excess: shareOf(learned.excess, 2 * needed), fitted: 0, needed: 0 });
  }

  private raise(route: string, { worst }: Billed, raised: Partial<Excess>): void {
    const known = this.learned.get(route);
    const { excess, promptTokens, isConfirmed } = known ?? { excess: NO_EXCESS, promptTokens: 0, isConfirmed: false };
    const { factor = 1, extraTokens = 0, priceFactor = 1 } = raised;
    const larger = {
      factor: Math.max(excess.factor, factor),
      extraTokens: Math.max(excess.extraTokens, extraTokens),
      priceFactor: Math.max(excess.priceFactor, priceFactor),
    };
    const more = Math.max(larger.factor / excess.factor, larger.priceFactor / excess.priceFactor);
    // An attempt that had heeded it, and exceeds it all the same, bears it out.
    const isBorneOut = known === undefined || isConfirmed || isSame(excess, worst.excess);
    this.learned.set(route, {
      excess: larger,
      promptTokens: Math.max(promptTokens, boundIn(worst)),
      fitted: 0,
      needed: 0,
      isConfirmed: isBorneOut && more <= PLAUSIBLE_FACTOR,
      refused: 0,
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
      const isConfirmed = learned.isConfirmed || fitted === 0;
      this.learned.set(route, { ...learned, isConfirmed, fitted, needed: fitted === 0 ? 0 : needed });
      return;
    }
    this.lower(route, learned, needed);
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
