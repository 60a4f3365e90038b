import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import type { LimitDemand, LimitUse } from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import { routeName } from '../../core/routes.js';
import { stateOf } from '../../core/state.js';
import { wasRefused } from './attempt-bill.js';
import type { PromptBounds } from './prompt-bound.js';
import type { PromptMeasure, PromptMeasures } from './prompt-measure.js';

/** What the tokens of all attempts of a pipeline are computed with. */
export interface TokenCounts {
  readonly bounds: PromptBounds;
  readonly measures: PromptMeasures;
}

/** The tokens of one attempt, as its limits count them: at most before it, and as used after it. */
export class AttemptTokens {
  /** Undefined if tokens are not limited. */
  private readonly measure: PromptMeasure | undefined;
  private readonly bound: number = 0;

  constructor(
    { bounds, measures }: TokenCounts,
    private readonly request: GenerationRequest,
    keys: readonly LimitKey[],
  ) {
    if (keys.some(({ limits }) => (limits.tokensPerMinute ?? 0) > 0)) {
      this.measure = measures.of(routeName(request));
      this.bound = bounds.boundOf(request).tokens;
    }
  }

  /** The most that the attempt can take, by what is known of the vendor now. */
  get demand(): LimitDemand {
    return {
      promptTokens: this.measure?.most(this.bound) ?? estimateTokens(promptCharacters(this.request)),
      outputCap: this.request.maxTokens ?? Infinity,
    };
  }

  /** The tokens of the request, which has just ended. The vendor's count serves later prompts, too. */
  used(request: GenerationRequest): LimitUse {
    const { attempts, current } = stateOf(request);
    const record = attempts.at(-1);
    const { promptTokens: inputTokens } = this.demand;
    if (record === undefined) return { inputTokens, outputTokens: 0, source: 'unknown' };
    const { usage, outcome, status } = record;
    if (usage.source === 'reported') {
      this.measure?.learn(usage.inputTokens, this.bound);
      return { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, source: 'reported' };
    }
    const characters = current?.characters ?? 0;
    // No tokenizer makes more tokens than characters of a usual text.
    const outputTokens = Math.max(outcome === 'success' ? characters : 0, usage.outputTokens);
    const isKnown = outcome === 'success' || (characters === 0 && wasRefused(status));
    return { inputTokens, outputTokens, source: isKnown ? 'estimated' : 'unknown' };
  }
}
