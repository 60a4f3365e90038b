/**
 * Where a count comes from: the vendor said so, we estimated it from text that arrived, or nobody knows.
 * An unmeasured count is 0 in every field and must not be read as "nothing was used".
 */
export type UsageSource = 'reported' | 'estimated' | 'unmeasured';

/** Tokens and money of one attempt, or summed over several. Counted as vendors do: input includes cached reads, output includes reasoning. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  /** US dollars, where the vendor gave a figure. */
  readonly costUsd?: number;
  /** US dollars by the tokens and a known price, where the vendor gave no figure. */
  readonly estimatedCostUsd?: number;
  readonly source: UsageSource;
}

/** Money of one or more attempts, in US dollars. What nobody measured is counted, never taken for 0. */
export interface Cost {
  /** As the vendor reported it. */
  readonly known: number;
  /** Calculated from estimated or reported tokens and a price. */
  readonly estimated: number;
  /** Attempts for which there is neither. */
  readonly unmeasuredAttempts: number;
}

export const NO_COST: Cost = { known: 0, estimated: 0, unmeasuredAttempts: 0 };
export const UNMEASURED: Usage = { inputTokens: 0, outputTokens: 0, source: 'unmeasured' };
/** A request that never left: nobody measured it, but it is certain that it cost nothing. */
export const UNSENT: Usage = { ...UNMEASURED, costUsd: 0 };

/** The sum over attempts. `estimated` if any part is; `unmeasured` only if all parts are. */
export function sumUsage(parts: readonly Usage[]): Usage {
  return parts.reduce(addUsage, UNMEASURED);
}

/** What the attempts cost together. @param parts one an attempt: of a sum nobody knows how many had no cost */
export function sumCost(parts: readonly Usage[]): Cost {
  return parts.reduce((sum, usage) => addCost(sum, costOf(usage)), NO_COST);
}

/** Adds two totals. */
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
  if (a === 'estimated' || b === 'estimated') return 'estimated';
  return a === 'reported' || b === 'reported' ? 'reported' : 'unmeasured';
}

/** Sums to a billionth of a cent, so that binary fractions do not pile up: 0.1 + 0.2 is 0.3. */
function addDollars(a: number, b: number): number {
  return Math.round((a + b) * 1e11) / 1e11;
}
