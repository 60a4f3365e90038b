import type { AttemptRecord } from './attempt.js';
import type { ErrorCode } from './errors/codes.js';
import type { Usage } from './usage.js';

/**
 * Everything that flows through the chain.
 *
 * Grammar over content, splices and the end; progress may come anywhere before the end:
 *
 *     content* ((continuation | restart) content*)* generation-end
 *
 * then the stream completes. Failure travels only on the error channel, always as a `GenerationError`; a stream that
 * completes without `generation-end` does not exist. `reasoning-delta`s of an attempt that brings neither `text-delta` nor
 * `tool-call` are void: a fold drops them at the next `attempt-start`.
 *
 * Forward every event that you do not understand.
 */
export type GenerationEvent = ProgressEvent | ContentEvent | SpliceEvent | GenerationEnd;

/** Tells what goes on. No content, never held back. */
export type ProgressEvent = AttemptStart | ResponseMetadata | RetryScheduled | Waiting | CustomEvent;
/** Carries model output. */
export type ContentEvent = TextDelta | ReasoningDelta | ReasoningDetails | ToolCall | Annotation | Image;
/** Where two segments of the text meet. */
export type SpliceEvent = Continuation | Restart;

/** One real request to a provider begins. `attempt` counts from 1 within the generation. */
export interface AttemptStart {
  readonly type: 'attempt-start';
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
}

/** What the running attempt's response says beside its text, as soon as it is known. Later values replace earlier ones. */
export interface ResponseMetadata {
  readonly type: 'response-metadata';
  /** The vendor's id of the answer, by which its cost can be asked for later. */
  readonly responseId?: string;
  readonly usage?: Usage;
  /** A tool call has begun; it comes whole, at the end, or not at all. */
  readonly toolCallsOpen?: true;
}

/** The running attempt failed; the next one starts after `delayMs`. */
export interface RetryScheduled {
  readonly type: 'retry-scheduled';
  /** The number of the attempt that will follow. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly reason: ErrorCode;
  /** It costs no attempt: the last request never arrived, or waits for a known reset in the limiter's line. */
  readonly isFree?: true;
}

/** The generation stands in a queue. `untilMs` (epoch) is the earliest it can go on, where that is known. */
export interface Waiting {
  readonly type: 'waiting';
  readonly for: 'rate-limit' | 'quota' | 'breaker' | 'slot' | 'retry-budget';
  readonly untilMs?: number;
}

/** An interceptor's own event; everyone forwards it untouched. */
export interface CustomEvent {
  readonly type: 'custom';
  readonly name: `${string}/${string}`;
  readonly payload: unknown;
}

/** The name of a custom event whose payload is a sentence for the log. */
export const WARNING = 'scriptorium/warning';

/** A piece of the answer. Never empty, never half a character. */
export interface TextDelta {
  readonly type: 'text-delta';
  readonly delta: string;
}

/** A piece of the model's thinking. No commit point: an attempt that only thought is retried. */
export interface ReasoningDelta {
  readonly type: 'reasoning-delta';
  readonly delta: string;
  readonly attempt: number;
}

/** The model's thinking as its vendor wants it back, signatures included, unmodified and in order. Whole, once, at the attempt's end. */
export interface ReasoningDetails {
  readonly type: 'reasoning-details';
  readonly details: readonly unknown[];
}

/** Something that belongs to the text: a source, most often. */
export interface Annotation {
  readonly type: 'annotation';
  /** As the vendor has it: `{ type: 'url_citation', url_citation: { url, title, … } }`. */
  readonly annotation: Readonly<Record<string, unknown>>;
}

/** A picture that the model has made. */
export interface Image {
  readonly type: 'image';
  /** An address, or a `data:` URL. */
  readonly url: string;
}

/** A tool call, whole, once, at the attempt's end. `arguments` is the model's JSON text, unparsed. */
export interface ToolCall {
  readonly type: 'tool-call';
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** The text goes on in a new segment: every character has come once, and the next one follows. */
export interface Continuation {
  readonly type: 'continuation';
  /** The number of the segment that begins, counted from 1: the first splice says 2. */
  readonly segment: number;
  readonly reason: 'interrupted' | 'length';
  readonly provider: string;
  readonly model: string;
}

/** All content so far is void; the generation begins again. */
export interface Restart {
  readonly type: 'restart';
  readonly reason: ErrorCode;
}

/** Why the model stopped, in our words and in the vendor's. */
export interface FinishReason {
  readonly unified: 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other';
  readonly raw: string | null;
}

/** The answer is whole. A provider fills in its own attempt's part; the pipeline replaces `usage` by the sum and adds `attempts`. */
export interface GenerationEnd {
  readonly type: 'generation-end';
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly servedFrom: 'provider' | 'cache';
  readonly provider: string;
  /** The model as the vendor names it; need not be the one that was asked for. */
  readonly model: string;
  readonly responseId?: string;
  /** What else the vendor said of the answer, by the provider's id, in its own shape: nothing is taken away. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
  readonly attempts?: readonly AttemptRecord[];
}

/** True for the events that carry model output. */
export function isContent(event: GenerationEvent): event is ContentEvent {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'reasoning-details':
    case 'tool-call':
    case 'annotation':
    case 'image':
      return true;
    default:
      return false;
  }
}

/** True for the events that commit a generation: from here on it can no longer be retried unseen. */
export function isCommitPoint(event: GenerationEvent): event is TextDelta | ToolCall {
  return event.type === 'text-delta' || event.type === 'tool-call';
}
