import { RecentQuantile } from '../../core/util/recent-quantile.js';

/** No bound of `mostTokens` is below a quarter of the bytes, and no byte-level tokenizer counts more than one for each. */
const UNMEASURED = 4;
/** A vendor's own instructions and templates are not longer. What is more is counted for each token. */
const MOST_EXTRA = 200;
/** Number of prompts that a ratio is remembered for. */
const PROMPTS = 100;

/**
 * Learns how many tokens a vendor counts for prompts. Before the first count, one for each byte is assumed; then the bound
 * holds, and the highest ratio to it of recent prompts where the vendor counts more.
 */
export class PromptMeasure {
  private readonly ratios = new RecentQuantile(PROMPTS);
  private extra = 0;
  private factor = UNMEASURED;

  /** The most tokens that a prompt takes. @param bound by `mostTokens` */
  most(bound: number): number {
    return Math.ceil(bound * this.factor) + this.extra;
  }

  learn(counted: number, bound: number): void {
    const more = counted - bound;
    const isExtra = more <= MOST_EXTRA;
    if (isExtra) this.extra = Math.max(this.extra, more);
    this.ratios.add(isExtra || bound === 0 ? 1 : counted / bound);
    this.factor = Math.max(this.ratios.at(1) ?? 1, 1);
  }
}

/** The prompt measures of a pipeline, by provider and model. */
export class PromptMeasures {
  private readonly byRoute = new Map<string, PromptMeasure>();

  of(route: string): PromptMeasure {
    const known = this.byRoute.get(route) ?? new PromptMeasure();
    this.byRoute.set(route, known);
    return known;
  }
}
