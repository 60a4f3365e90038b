import type { RequestContext } from '../core/context.js';
import type { Message } from '../core/message.js';
import type { ProviderOptions } from '../core/provider-options.js';
import type { Reasoning, ResponseFormat, Sampling, Tool, ToolChoice, Wire } from '../core/request.js';
import type { Overrides } from '../core/settings.js';

/** The same, but undefined counts as left out. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** What a user passes for one generation. Give either `prompt` (with or without `system`) or `messages`; the rest is optional, and what is undefined counts as left out. */
export interface GenerationInput extends Loose<Sampling> {
  readonly prompt?: string | undefined;
  readonly system?: string | undefined;
  readonly messages?: readonly Message[] | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly reasoning?: Loose<Reasoning> | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  readonly wire?: Wire | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Copied onto every stat: `{ book: 'ada', chapter: '3' }`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly overrides?: LooseOverrides | undefined;
  /** Milliseconds for the whole generation, queues and backoff included. */
  readonly deadlineMs?: number | undefined;
  /** Aborting it ends the generation with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  readonly context?: RequestContext | undefined;
}

/** Routes are a list, in which nothing is left out. */
type LooseOverrides = {
  readonly [Section in Exclude<keyof Overrides, 'routes'>]?: Loose<NonNullable<Overrides[Section]>> | undefined;
} & Loose<Pick<Overrides, 'routes'>>;
