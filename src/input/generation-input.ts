import type { RequestContext } from '../core/context.js';
import type { Message } from '../core/message.js';
import type { ProviderOptions } from '../core/provider-options.js';
import type { Reasoning, ResponseFormat, Sampling, Tool, ToolChoice, Wire } from '../core/request.js';
import type { Overrides } from '../core/settings.js';

/** Makes every field accept undefined, which counts as left out. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Makes every field accept null too: it is not sent, even if the configuration has a value for it. */
type Unsendable<T> = { readonly [K in keyof T]: T[K] | null | undefined };

/**
 * Input of one generation: either `prompt` (optionally with `system`) or `messages`. Everything else is optional;
 * undefined counts as left out. A token cap or a sampling parameter that is null is not sent, so the model's own default
 * applies, even if the configuration has a value for it.
 * @see docs/README.md
 * @example
 * ```ts
 * const input: GenerationInput = {
 *   system: 'You are a poet.',
 *   prompt: 'Write a sentence about the sea.',
 *   maxTokens: 100,
 *   labels: { book: 'ada', chapter: '3' },
 * };
 * ```
 */
export interface GenerationInput extends Unsendable<Sampling> {
  /**
   * The generation's id in events, stats and errors: 1 to 200 printable characters. A random UUID by default. No two
   * generations that run in a pipeline at the same time may have the same id. Sinks that keep records may need ids that
   * never occur twice.
   */
  readonly id?: string | undefined;
  readonly prompt?: string | undefined;
  readonly system?: string | undefined;
  readonly messages?: readonly Message[] | undefined;
  /**
   * A text that is there already, such as the `partial.text` of an earlier error. The answer continues it by the rules of
   * continuity: streams give only what is new, `result.text` and `error.partial.text` are the whole. An empty text counts as
   * left out. Cannot be combined with `tools` or a `responseFormat`.
   * @see docs/continuity.md
   */
  readonly continueFrom?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** null: not sent. */
  readonly maxTokens?: number | null | undefined;
  readonly reasoning?: Loose<Reasoning> | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  readonly wire?: Wire | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Copied to every stat: `{ book: 'ada', chapter: '3' }`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly overrides?: LooseOverrides | undefined;
  /** Milliseconds for the whole generation, including queues and backoff. */
  readonly deadlineMs?: number | undefined;
  /** Aborts the generation with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  readonly context?: RequestContext | undefined;
}

/** The overrides of a request. Routes are a list, whose entries have no optional fields. */
type LooseOverrides = {
  readonly [Section in Exclude<keyof Overrides, 'routes'>]?: Loose<NonNullable<Overrides[Section]>> | undefined;
} & Loose<Pick<Overrides, 'routes'>>;
