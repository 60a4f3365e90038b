import type { RequestContext } from '../core/context.js';
import type { Message, Reasoning, Sampling, Wire } from '../core/request.js';
import type { Overrides } from '../core/settings.js';

/** What a user passes for one generation. Give either `prompt` (with or without `system`) or `messages`; the rest is optional. */
export interface GenerationInput extends Sampling {
  readonly prompt?: string;
  readonly system?: string;
  readonly messages?: readonly Message[];
  readonly provider?: string;
  readonly model?: string;
  readonly maxTokens?: number;
  readonly reasoning?: Reasoning;
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly wire?: Wire;
  readonly headers?: Readonly<Record<string, string>>;
  /** Copied onto every stat: `{ book: 'ada', chapter: '3' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly overrides?: Overrides;
  /** Milliseconds for the whole generation, queues and backoff included. */
  readonly deadlineMs?: number;
  /** Aborting it ends the generation with an `AbortError`. */
  readonly signal?: AbortSignal;
  readonly context?: RequestContext;
}
