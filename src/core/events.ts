import type { AttemptRecord } from './attempt.js';
import type { ErrorCode } from './errors/codes.js';
import type { ContinuationReason } from './request.js';
import type { RouteChoice } from './routes.js';
import type { Usage } from './usage.js';

/**
 * An event of a generation, as it flows through the chain.
 *
 * Content, splices and the end follow this grammar. Progress events may occur anywhere before the end.
 *
 *     content* ((continuation | restart) content*)* generation-end
 *
 * - The stream completes after `generation-end`. It never completes without one.
 * - A failure is reported on the error channel only, always as a `GenerationError`.
 * - The `reasoning-delta`s of an attempt without `text-delta` and `tool-call` are void: drop them at the next
 *   `attempt-start`.
 * - Interceptors forward every event that they do not know.
 *
 * @example
 * ```ts
 * let text = '';
 * pipeline.stream({ prompt: 'Write a page.' }).subscribe((event) => {
 *   if (event.type === 'text-delta') text += event.delta;
 *   else if (event.type === 'restart') text = '';
 *   else if (event.type === 'generation-end') console.log(event.finishReason.unified, text);
 * });
 * ```
 * @see docs/streaming.md
 */
export type GenerationEvent = ProgressEvent | ContentEvent | SpliceEvent | GenerationEnd;

/** Reports progress. Carries no content and is never held back. */
export type ProgressEvent =
  AttemptStart | ResponseMetadata | RetryScheduled | Waiting | Warning | RouteChosen | CustomEvent;
/** Carries model output. */
export type ContentEvent = TextDelta | ReasoningDelta | ReasoningDetails | ToolCall | Annotation | Image;
/** Marks a splice: the place where two segments of the text meet. */
export type SpliceEvent = Continuation | Restart;

/** Starts one real request to a provider. `attempt` counts from 1 within the generation. */
export interface AttemptStart {
  readonly type: 'attempt-start';
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
}

/** Metadata of the running attempt's answer, emitted as soon as it is known. Later values replace earlier ones. */
export interface ResponseMetadata {
  readonly type: 'response-metadata';
  /** The vendor's id of the answer. Its cost can be requested by this id later. */
  readonly responseId?: string;
  readonly usage?: Usage;
  /** The vendor's name of the model that answers, if it is another than the requested one. */
  readonly answeredBy?: string;
  /** A tool call has started. It is emitted whole at the end, or not at all. */
  readonly toolCallsOpen?: true;
}

/** Reports that the running attempt failed and that the next one starts after `delayMs`. */
export interface RetryScheduled {
  readonly type: 'retry-scheduled';
  /** The number of the next attempt. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly reason: ErrorCode;
  /** The retry does not count: the last request never arrived, or waits in the line of `admission` for a known reset. */
  readonly isFree?: true;
}

/** The reasons to wait. `store`: a part that decides does not answer. */
export const WAIT_REASONS = ['rate-limit', 'quota', 'breaker', 'slot', 'budget', 'retry-budget', 'store'] as const;

/** A reason to wait. */
export type WaitReason = (typeof WAIT_REASONS)[number];

/**
 * Reports that the generation waits in a queue. `untilMs` is the earliest time to proceed (epoch milliseconds), if
 * known.
 */
export interface Waiting {
  readonly type: 'waiting';
  readonly for: WaitReason;
  readonly untilMs?: number;
}

/** Reports something unusual that does not fail the generation. It is logged. */
export interface Warning {
  readonly type: 'warning';
  /** A sentence. It contains no prompt and no secret. */
  readonly message: string;
  /** The part or plugin that warns, such as `rate-limit`. */
  readonly about?: string;
}

/**
 * Reports the route chosen to be tried first, and the reason. Emitted at most once per generation, before its first
 * attempt.
 * @see docs/limits.md
 */
export interface RouteChosen extends RouteChoice {
  readonly type: 'route-chosen';
}

/** An interceptor's own event. Other interceptors forward it unchanged. */
export interface CustomEvent {
  readonly type: 'custom';
  readonly name: `${string}/${string}`;
  readonly payload: unknown;
}

/** A piece of the answer's text. It is never empty and never ends inside a character. */
export interface TextDelta {
  readonly type: 'text-delta';
  readonly delta: string;
}

/** A piece of the model's reasoning. It is not a commit point: an attempt with reasoning alone can be retried. */
export interface ReasoningDelta {
  readonly type: 'reasoning-delta';
  readonly delta: string;
  readonly attempt: number;
}

/**
 * The reasoning in the form that the vendor expects back: unmodified, in order, with signatures. It is the whole answer where its
 * text and calls do not tell all of it. Emitted once, at the attempt's end.
 */
export interface ReasoningDetails {
  readonly type: 'reasoning-details';
  readonly details: readonly unknown[];
}

/** An annotation of the text, most often a source. */
export interface Annotation {
  readonly type: 'annotation';
  /** In the vendor's form: `{ type: 'url_citation', url_citation: { url, title, … } }`. */
  readonly annotation: Readonly<Record<string, unknown>>;
}

/** A generated image. */
export interface Image {
  readonly type: 'image';
  /** An address or a `data:` URL. */
  readonly url: string;
}

/** A whole tool call, emitted at the attempt's end. `arguments` is the model's JSON text, unparsed. */
export interface ToolCall {
  readonly type: 'tool-call';
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/**
 * Continues the text in a new segment. No character is lost or repeated. The text of `continueFrom` counts as the first
 * segment; the first event of the text is then a continuation with the reason `given`.
 */
export interface Continuation {
  readonly type: 'continuation';
  /** The number of the new segment, counted from 1. The first splice has 2. */
  readonly segment: number;
  readonly reason: ContinuationReason;
  readonly provider: string;
  readonly model: string;
}

/** Restarts the generation. All content so far is void. */
export interface Restart {
  readonly type: 'restart';
  readonly reason: ErrorCode;
}

/** The reason why the model stopped, in unified form and in the vendor's words. */
export interface FinishReason {
  readonly unified: 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other';
  readonly raw: string | null;
}

/**
 * Whether a text that ended so may pass for a whole one: the model stopped by itself, or for a reason that only the vendor
 * knows. A text that a cap or a filter has cut, and one that waits for tools, is not whole.
 */
export function isWholeEnd(unified: FinishReason['unified']): boolean {
  return unified === 'stop' || unified === 'other';
}

/**
 * Ends the generation: the answer is whole. A provider fills in the values of its own attempt. The pipeline replaces
 * `usage` with the sum over all attempts and adds `attempts`.
 */
export interface GenerationEnd {
  readonly type: 'generation-end';
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly servedFrom: 'provider' | 'cache';
  readonly provider: string;
  /** The vendor's name of the model. It may differ from the requested one. */
  readonly model: string;
  readonly responseId?: string;
  /** Further data from the vendor about the answer, complete and in the vendor's form, by provider id. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
  readonly attempts?: readonly AttemptRecord[];
  /** The pipeline sets it at the end of its chain, with the labels. */
  readonly generationId?: string;
  /** The labels of the request. Left out if there are none. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Whether an event carries model output. */
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

/**
 * Whether an event is a commit point. After one, a retry would be visible to the caller.
 * @example
 * ```ts
 * return defer(() => {
 *   let isCommitted = false;
 *   return next(request).pipe(
 *     tap((event) => (isCommitted ||= isCommitPoint(event))),
 *     catchError((error: unknown) => (isCommitted ? throwError(() => error) : next(request))),
 *   );
 * });
 * ```
 * @see docs/interceptors.md
 */
export function isCommitPoint(event: GenerationEvent): event is TextDelta | ToolCall {
  return event.type === 'text-delta' || event.type === 'tool-call';
}

/** Whether a tool call begins with this event, or has come whole. A text with tool calls is never continued. */
export function opensToolCall(event: GenerationEvent): boolean {
  return event.type === 'tool-call' || (event.type === 'response-metadata' && event.toolCallsOpen === true);
}
