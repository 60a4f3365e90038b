import type { RequestContext } from './context.js';
import type { Message } from './message.js';
import type { ProviderOptions } from './provider-options.js';
import type { Overrides } from './settings.js';

/** Sampling parameters. A parameter that is left out has the model's own default; 0 is sent as 0. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly topA?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

/** The amount of reasoning before the answer. */
export interface Reasoning {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  readonly maxTokens?: number;
  /** Reason, but do not return the reasoning. */
  readonly exclude?: boolean;
}

/** A function that the model may call. The application runs it. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** A JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Requires arguments that match the schema, if the vendor can guarantee it. */
  readonly strict?: boolean;
}

/** Controls tool calls: the model decides, none, at least one, or the named tool. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** The required format of the answer's text. */
export type ResponseFormat =
  | { readonly type: 'text' }
  /** Any JSON. */
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly name: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly description?: string;
      readonly strict?: boolean;
    };

/**
 * The requested form of the answer on the wire. Only a stream can be resumed, so `generate()` defaults to `sse` too.
 */
export type Wire = 'sse' | 'json';

/** Why a segment continues a text: the stream broke off, the token cap cut it, or the caller gave it. */
export type ContinuationReason = 'interrupted' | 'length' | 'given';

/**
 * A request to continue an interrupted text. The text so far is `text + anchor`.
 * @see docs/continuity.md
 */
export interface ContinuationRequest {
  /** The text so far, without its last words. */
  readonly text: string;
  /** The last words. A model that is only instructed does not receive them as prefill: it must repeat them. */
  readonly anchor: string;
  /** The instruction for such a model. */
  readonly instruction: string;
  readonly reason: ContinuationReason;
  /** Use the instruction even if the model has native prefill. */
  readonly byInstruction: boolean;
}

/**
 * A complete, validated request, as interceptors receive it. It is frozen: copy it with spread to change it.
 */
export interface GenerationRequest extends Sampling {
  readonly id: string;
  /** The provider's id. */
  readonly provider: string;
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly reasoning?: Reasoning;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly responseFormat?: ResponseFormat;
  /** Passed unchanged to the codec of the provider that the key names. */
  readonly providerOptions: ProviderOptions;
  /** A text that the caller gave, which the answer continues. `resume` turns it into `continuation`. */
  readonly continueFrom?: string;
  /** Set if the answer continues a text. The provider applies it with `continuedMessages`. */
  readonly continuation?: ContinuationRequest;
  readonly wire: Wire;
  readonly headers: Readonly<Record<string, string>>;
  /** Copied to every stat, such as `{ book: 'ada', chapter: '3' }`. Keep the number of different values low. */
  readonly labels: Readonly<Record<string, string>>;
  readonly overrides: Overrides;
  /** The time limit of the whole generation, including queues and backoff. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly context: RequestContext;
}
