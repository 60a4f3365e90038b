import type { RequestContext } from './context.js';
import type { Message } from './message.js';
import type { ProviderOptions } from './provider-options.js';
import type { Overrides } from './settings.js';
import type { GenerationState } from './state.js';

/** How the model chooses its words. What is left out is the model's own default; 0 is sent as 0. */
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

/** How much the model may think before it answers. */
export interface Reasoning {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  readonly maxTokens?: number;
  /** Think, but keep the thoughts out of the answer. */
  readonly exclude?: boolean;
}

/** A function that the model may ask for. Whoever makes the request runs it. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** A JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The arguments must fit the schema, where the vendor can promise it. */
  readonly strict?: boolean;
}

/** Whether the model calls tools: as it likes, never, at least one, or this one. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** What the text of the answer must be. */
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

/** The wire a provider is asked to answer on. Only a stream can be resumed, so `sse` is the default for `generate()` too. */
export type Wire = 'sse' | 'json';

/** Go on from a text that broke off. The whole of it is `text + anchor`. */
export interface ContinuationRequest {
  /** The text so far, less its last words. */
  readonly text: string;
  /** Its last words. They are kept from a model that is only instructed: it must bring them back. */
  readonly anchor: string;
  /** What such a model is told. */
  readonly instruction: string;
  readonly reason: 'interrupted' | 'length';
  /** Instruct also a model that knows a native prefill. */
  readonly byInstruction: boolean;
}

/** A whole, validated call, as every interceptor sees it. Copy it with spread to change it; only `state` is mutable. */
export interface GenerationRequest extends Sampling {
  readonly id: string;
  /** The id of the provider that is to answer. */
  readonly provider: string;
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly reasoning?: Reasoning;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly responseFormat?: ResponseFormat;
  /** To the codec of the provider named by the key, as they are. */
  readonly providerOptions: ProviderOptions;
  /** Set where the answer is to go on from a text. The provider turns it into a prefill or an instruction: `continuedMessages`. */
  readonly continuation?: ContinuationRequest;
  readonly wire: Wire;
  readonly headers: Readonly<Record<string, string>>;
  /** Low-cardinality, copied onto every stat: `{ book: 'ada', chapter: '3' }`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly overrides: Overrides;
  /** For the whole generation, queues and backoff included. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly context: RequestContext;
  readonly state: GenerationState;
}
