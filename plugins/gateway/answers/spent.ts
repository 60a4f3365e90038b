import { GenerationError } from 'scriptorium';
import { sumCost } from 'scriptorium/plugin';
import type { AttemptRecord, GenerationEvent } from 'scriptorium/plugin';

/** The price of a generation. */
export interface Spent {
  readonly usd: number;
  readonly tokens: number;
}

export const NOTHING: Spent = { usd: 0, tokens: 0 };

/**
 * The price of a generation by its end: the last event or the error. Two clients may see the end of one generation, if the
 * second has adopted it; the first of them pays.
 */
export class Bills {
  private readonly paid = new WeakSet<object>();

  of(end: unknown): Spent {
    if (typeof end !== 'object' || end === null || this.paid.has(end)) return NOTHING;
    this.paid.add(end);
    if (GenerationError.is(end)) return priceOf(end.attempts);
    const { attempts = [] } = end as Extract<GenerationEvent, { type: 'generation-end' }>;
    return priceOf(attempts);
  }
}

function priceOf(attempts: readonly AttemptRecord[]): Spent {
  const usages = attempts.map(({ usage }) => usage);
  const { known, estimated } = sumCost(usages);
  return {
    usd: known + estimated,
    tokens: usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
  };
}
