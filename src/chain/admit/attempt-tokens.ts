import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import type { LimitDemand, LimitUse } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { routeName } from '../../core/routes.js';
import { stateOf } from '../../core/state.js';
import { wasRefused } from './attempt-bill.js';
import type { BudgetParts } from './budgets.js';
import type { PromptBounds } from './prompt-bound.js';
import type { PromptMeasure, PromptMeasures } from './prompt-measure.js';

/** The figures that all attempts of a pipeline share for counting tokens. */
export interface TokenCounts {
  readonly bounds: PromptBounds;
  readonly measures: PromptMeasures;
  readonly parts: Pick<BudgetParts, 'tariffOf'>;
}

/** The bound of a prompt, and what the vendor has counted for earlier ones. */
interface MeasuredPrompt {
  readonly measure: PromptMeasure;
  readonly bound: number;
}

/** The tokens of one attempt, as its limits count them: at most before it, and as used after it. */
export class AttemptTokens {
  /** Undefined until a limit of tokens has asked for it: another pipeline with the same key may have one. */
  private prompt: MeasuredPrompt | undefined;

  constructor(
    private readonly counts: TokenCounts,
    private readonly request: GenerationRequest,
  ) {}

  /** The most that the attempt can take, by what is known of the vendor now. The prompt is measured if it is read. */
  get demand(): LimitDemand {
    const most = (): number => mostOf(this.measured());
    return {
      get promptTokens() {
        return most();
      },
      outputCap: this.request.maxTokens ?? Infinity,
    };
  }

  /**
   * The tokens of the request, which has just ended. The vendor's count serves later prompts, too.
   * @param attemptsBefore number of attempts that the generation had made before
   */
  used(request: GenerationRequest, attemptsBefore: number): LimitUse {
    const { attempts, current } = stateOf(request);
    const record = attempts.length > attemptsBefore ? attempts.at(-1) : undefined;
    const { prompt } = this;
    const inputTokens = prompt === undefined ? estimateTokens(promptCharacters(this.request)) : mostOf(prompt);
    if (record === undefined) return { inputTokens, outputTokens: 0, source: 'unknown' };
    const { usage, outcome, status } = record;
    if (usage.source === 'reported') {
      prompt?.measure.learn(usage.inputTokens, prompt.bound);
      return { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, source: 'reported' };
    }
    const characters = current?.characters ?? 0;
    // No tokenizer makes more tokens than characters of a usual text.
    const outputTokens = Math.max(outcome === 'success' ? characters : 0, usage.outputTokens);
    const isShown = outcome === 'success' && this.counts.parts.tariffOf(this.request).mayReason !== true;
    const isKnown = isShown || (characters === 0 && wasRefused(status));
    return { inputTokens, outputTokens, source: isKnown ? 'estimated' : 'unknown' };
  }

  private measured(): MeasuredPrompt {
    const { bounds, measures } = this.counts;
    return (this.prompt ??= {
      measure: measures.of(routeName(this.request)),
      bound: bounds.boundOf(this.request).tokens,
    });
  }
}

function mostOf({ measure, bound }: MeasuredPrompt): number {
  return measure.most(bound);
}
