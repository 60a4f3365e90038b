import type { RequestContext } from './context.js';
import type { Overrides } from './settings.js';
import type { GenerationState } from './state.js';

/** Plain text, by speaker. An assistant's message at the end asks the model to go on from it, where the model can. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

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
  /** To the codec of the provider named by the key, as they are. */
  readonly providerOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
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
