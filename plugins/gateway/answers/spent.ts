import type { GenerationError } from 'scriptorium';
import { sumCost } from 'scriptorium/plugin';
import type { AttemptRecord, GenerationEnd } from 'scriptorium/plugin';

/** The price of a generation. */
export interface Spent {
  readonly usd: number;
  readonly tokens: number;
}

export const NOTHING: Spent = { usd: 0, tokens: 0 };

/**
 * The price of a generation by its end: the last event or the error. Each attempt is counted once, though two clients may see
 * it: where the second has adopted the generation, or continues a broken one.
 */
export class Bills {
  private readonly paid = new WeakSet<AttemptRecord>();

  of(end: GenerationEnd | GenerationError | undefined): Spent {
    const usages = (end?.attempts ?? [])
      .filter((attempt) => !this.paid.has(attempt))
      .map((attempt) => {
        this.paid.add(attempt);
        return attempt.usage;
      });
    const { known, estimated } = sumCost(usages);
    return {
      usd: known + estimated,
      tokens: usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
    };
  }
}
