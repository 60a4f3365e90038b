/**
 * The source of a count: reported by the vendor, estimated from the received text, or unmeasured. An unmeasured count
 * is 0 in every field and does not mean that nothing was used. `rejected`: the vendor has sent token counts that cannot be
 * true, which are 0 here. Events and look-ups have it; the record of an attempt has an estimate in its place.
 */
export type UsageSource = 'reported' | 'estimated' | 'unmeasured' | 'rejected';

/**
 * Tokens and money of one attempt, or the sum over several. As vendors count, input includes cache reads and output
 * includes reasoning.
 * @see docs/statistics.md
 */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  /** US dollars, if reported by the vendor. */
  readonly costUsd?: number;
  /** US dollars calculated from the tokens and a known price, if the vendor reported no cost. */
  readonly estimatedCostUsd?: number;
  readonly source: UsageSource;
}

/** The cost of one or more attempts, in US dollars. Attempts of unknown cost are counted, never taken as 0. */
export interface Cost {
  /** Reported by the vendor. */
  readonly known: number;
  /** Calculated from a price and reported or estimated tokens. */
  readonly estimated: number;
  /** The number of attempts with neither. */
  readonly unmeasuredAttempts: number;
}

/** The cost of no attempts. */
export const NO_COST: Cost = { known: 0, estimated: 0, unmeasuredAttempts: 0 };
/** The usage of an attempt without any measurement. */
export const UNMEASURED: Usage = { inputTokens: 0, outputTokens: 0, source: 'unmeasured' };
/** The usage of a request that was never sent: unmeasured, but certainly free. */
export const UNSENT: Usage = { ...UNMEASURED, costUsd: 0 };

/** Sums usage over attempts. The sum is `estimated` if any part is, and `unmeasured` only if all parts are. */
export function sumUsage(parts: readonly Usage[]): Usage {
  return parts.reduce(addUsage, UNMEASURED);
}

/**
 * Sums the cost of attempts.
 * @param parts one usage per attempt. Do not pass sums: attempts without a cost could not be counted.
 * @example
 * ```ts
 * const { known, estimated } = sumCost(result.attempts.map(({ usage }) => usage));
 * console.log(`$${known + estimated}`);
 * ```
 * @see docs/statistics.md
 */
export function sumCost(parts: readonly Usage[]): Cost {
  return parts.reduce((sum, usage) => addCost(sum, costOf(usage)), NO_COST);
}

/** Adds two costs. */
export function addCost(a: Cost, b: Cost): Cost {
  return {
    known: addDollars(a.known, b.known),
    estimated: addDollars(a.estimated, b.estimated),
    unmeasuredAttempts: a.unmeasuredAttempts + b.unmeasuredAttempts,
  };
}

function costOf({ costUsd, estimatedCostUsd }: Usage): Cost {
  if (costUsd !== undefined) return { ...NO_COST, known: costUsd };
  return estimatedCostUsd === undefined
    ? { ...NO_COST, unmeasuredAttempts: 1 }
    : { ...NO_COST, estimated: estimatedCostUsd };
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...addOptional('cachedInputTokens', a, b),
    ...addOptional('cacheWriteTokens', a, b),
    ...addOptional('reasoningTokens', a, b),
    ...addOptional('costUsd', a, b),
    ...addOptional('estimatedCostUsd', a, b),
    source: addSource(a.source, b.source),
  };
}

type OptionalCount = 'cachedInputTokens' | 'cacheWriteTokens' | 'reasoningTokens' | 'costUsd' | 'estimatedCostUsd';

function addOptional(key: OptionalCount, a: Usage, b: Usage): Partial<Usage> {
  if (a[key] === undefined && b[key] === undefined) return {};
  const sum = (a[key] ?? 0) + (b[key] ?? 0);
  return { [key]: key === 'costUsd' || key === 'estimatedCostUsd' ? addDollars(sum, 0) : sum };
}

function addSource(a: UsageSource, b: UsageSource): UsageSource {
  if ([a, b].some((source) => source === 'estimated' || source === 'rejected')) return 'estimated';
  return a === 'reported' || b === 'reported' ? 'reported' : 'unmeasured';
}

/** Rounds the sum to a billionth of a cent, so that binary rounding errors do not accumulate: 0.1 + 0.2 is 0.3. */
function addDollars(a: number, b: number): number {
  return Math.round((a + b) * 1e11) / 1e11;
}
