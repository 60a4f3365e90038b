import type { GenerationError } from 'scriptorium';
import { sumCost } from 'scriptorium/plugin';
import type { AttemptRecord, GenerationEnd } from 'scriptorium/plugin';

/** The price of a generation. */
export interface Spent {
  readonly usd: number;
  readonly tokens: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export const NOTHING: Spent = { usd: 0, tokens: 0, promptTokens: 0, completionTokens: 0 };

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
    const promptTokens = usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
    const completionTokens = usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
    return { usd: known + estimated, tokens: promptTokens + completionTokens, promptTokens, completionTokens };
  }
}
