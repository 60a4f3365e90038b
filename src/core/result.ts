import type { AttemptRecord } from './attempt.js';
import type { Annotation, FinishReason, ToolCall } from './events.js';
import type { RouteChoice } from './routes.js';
import type { Cost, Usage } from './usage.js';

/** A segment of the text: the stretch that one attempt delivered. */
export interface Segment {
  readonly text: string;
  readonly provider: string;
  readonly model: string;
}

/**
 * The result of a whole generation.
 * @see docs/streaming.md
 */
export interface GenerationResult {
  /** The whole text, including the one that was continued. */
  readonly text: string;
  /**
   * The beginning of `text` that `continueFrom` gave. It belongs to no segment. Left out if none was given, or if the
   * generation restarted without it.
   */
  readonly continuedFrom?: string;
  readonly reasoning: string;
  /** Send it back with the answer, as `reasoningDetails` of the assistant's message. */
  readonly reasoningDetails: readonly unknown[];
  readonly toolCalls: readonly ToolCall[];
  readonly annotations: readonly Annotation['annotation'][];
  /** Addresses or `data:` URLs. */
  readonly images: readonly string[];
  readonly finishReason: FinishReason;
  /** The sum over all attempts, including failed ones. */
  readonly usage: Usage;
  readonly cost: Cost;
  readonly provider: string;
  /** The vendor's name of the model. */
  readonly model: string;
  readonly responseId?: string;
  /** Further data from the vendor about the last answer, by provider id. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
  /** The id of the generation in logs, statistics and ledgers. Missing only if the events came from no pipeline. */
  readonly generationId?: string;
  /** The labels of the request. Left out if there are none. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly attempts: readonly AttemptRecord[];
  /** The segments that attempts delivered, in order. */
  readonly segments: readonly Segment[];
  readonly servedFrom: 'provider' | 'cache';
  /** The choice of the route. Present if `routes` is a strategy or prices have a cap. */
  readonly route?: RouteChoice;
}
