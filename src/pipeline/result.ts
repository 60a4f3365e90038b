import type { AttemptRecord } from '../core/attempt.js';
import type { FinishReason, ToolCall } from '../core/events.js';
import type { Cost, Usage } from '../core/usage.js';

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
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  /** The sum over all attempts, failed ones included. */
  readonly usage: Usage;
  readonly cost: Cost;
  readonly provider: string;
  /** As the vendor names it. */
  readonly model: string;
  readonly responseId?: string;
  readonly attempts: readonly AttemptRecord[];
  readonly segments: readonly Segment[];
  readonly servedFrom: 'provider' | 'cache';
}
