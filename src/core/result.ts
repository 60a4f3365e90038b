import type { AttemptRecord } from './attempt.js';
import type { Annotation, FinishReason, ToolCall } from './events.js';
import type { RouteChoice } from './routes.js';
import type { Cost, Usage } from './usage.js';

/** A stretch of the text that one attempt delivered. */
export interface Segment {
  readonly text: string;
  readonly provider: string;
  readonly model: string;
}

/** A whole generation. */
export interface GenerationResult {
  readonly text: string;
  readonly reasoning: string;
  /** To be sent back with the answer, as `reasoningDetails` of the assistant's message. */
  readonly reasoningDetails: readonly unknown[];
  readonly toolCalls: readonly ToolCall[];
  readonly annotations: readonly Annotation['annotation'][];
  /** Addresses or `data:` URLs. */
  readonly images: readonly string[];
  readonly finishReason: FinishReason;
  /** The sum over all attempts, failed ones included. */
  readonly usage: Usage;
  readonly cost: Cost;
  readonly provider: string;
  /** As the vendor names it. */
  readonly model: string;
  readonly responseId?: string;
  /** What else the vendor said of the last answer, by the provider's id. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
  readonly attempts: readonly AttemptRecord[];
  readonly segments: readonly Segment[];
  readonly servedFrom: 'provider' | 'cache';
  /** How its route was chosen, where there was a choice: `routes` is a strategy, or prices have a cap. */
  readonly route?: RouteChoice;
}
