import type { Observable } from 'rxjs';
import type { AccountInfo, CreditsInfo, GenerationInfo, ModelInfo, ModelsOptions } from './catalogue.js';
import type { Clock } from './clock.js';
import type { Prefill } from './continuation.js';
import type { GenerationEvent } from './events.js';
import type { AttemptMonitor } from './monitor.js';
import type { GenerationRequest } from './request.js';
import type { Billing } from './tariff.js';
import type { WireRequest, WireResponse } from './transport.js';
import type { Backpressure } from './util/backpressure.js';

/** One attempt's access to the network and the clock. Questions beside generations get one, too. */
export interface Connection {
  /** Sends a request over the pipeline's transport, which reports to this attempt's monitor. */
  open(request: WireRequest, signal: AbortSignal): Promise<WireResponse>;
  /** The provider calls `onContent`, since only it can recognise content. */
  readonly monitor: AttemptMonitor;
  readonly clock: Clock;
  /** The number of this attempt within its generation, from 1. 0 for a question beside generations. */
  readonly attempt: number;
  /** Whether a slow reader holds the answer back. Await `ready()` before each read from the socket. */
  readonly backpressure: Pick<Backpressure, 'isPaused' | 'ready'>;
}

/**
 * A limit that requests share. All requests with the same `key` count together.
 * @see docs/limits.md
 */
export interface LimitKey {
  readonly key: string;
  /** The vendor's own limits for this key. Configuration replaces them one by one. */
  readonly limits: Limits;
  /**
   * Fetches the requests of the current day (UTC) from the vendor: those made, and the most. Asked once a day for all
   * callers of the key, if `rateLimit.requestsPerDay` is `account`. Undefined if the vendor reports no limit.
   */
  readonly dayQuota?: (
    connection: Connection,
  ) => Promise<{ readonly used: number; readonly limit: number } | undefined>;
}

/** The limits of a key. 0 or undefined means no limit. */
export interface Limits {
  readonly minIntervalMs?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** A day ends at midnight UTC. */
  readonly requestsPerDay?: number;
}

/** The abilities of a model beyond answering. */
export interface Capabilities {
  readonly prefill: Prefill;
}

/**
 * Speaks one vendor's protocol. For HTTP APIs, `httpProvider` creates one from a codec.
 *
 * `generate` makes exactly one request per subscription and never retries. It emits events by the grammar of
 * `GenerationEvent`, completes only after a whole answer, and fails with a `GenerationError` in every other case.
 * @example
 * ```ts
 * const usage = { inputTokens: 1, outputTokens: 1, source: 'estimated' } as const;
 * const finishReason = { unified: 'stop', raw: null } as const;
 * const fixed: Provider = {
 *   id: 'fixed',
 *   generate: ({ model }) =>
 *     of<GenerationEvent[]>(
 *       { type: 'text-delta', delta: 'Hello.' },
 *       { type: 'generation-end', finishReason, usage, servedFrom: 'provider', provider: 'fixed', model },
 *     ),
 * };
 * ```
 * @see docs/write-a-provider.md
 */
export interface Provider {
  /** Unique in a pipeline. Also the key of its `providerOptions`. */
  readonly id: string;
  /** Makes one request per subscription. Unsubscribing closes its socket. */
  generate(request: GenerationRequest, connection: Connection): Observable<GenerationEvent>;
  /** Returns the abilities of the request's model. Without this method, a model cannot continue a text. */
  capabilities?(request: GenerationRequest): Capabilities;
  /** Returns the limits that apply to the request. Without any, it is not limited. */
  limitKeys?(request: GenerationRequest): readonly LimitKey[];
  /**
   * The names of several credentials of the vendor, if there are. Each has limits, a breaker and a quota of its own, and
   * every attempt uses one: `limitKeys` and `generate` read its name from the request's context (`CREDENTIAL`).
   */
  readonly credentials?: readonly string[];
  /** The model of a request, if neither the request nor the configuration (`defaults.model`) names one. */
  readonly defaultModel?: string;
  /** Returns how the request is billed. Without this method, by its model's price and its `maxTokens`. */
  billing?(request: GenerationRequest): Billing;
  /** The models on offer. */
  readonly catalogue?: ModelCatalogue;
  /** The account in use, and the vendor's records of answers. */
  readonly account?: ProviderAccount;
}

/**
 * The models that a provider offers.
 * @see docs/write-a-provider.md
 */
export interface ModelCatalogue {
  /**
   * Fetches the models on offer. With `options.offline` the connection refuses to open: the provider then returns its
   * stored list, or fails with the connection's error.
   */
  models(connection: Connection, options?: ModelsOptions): Promise<readonly ModelInfo[]>;
  /**
   * Returns what is known about a model without a request: from the last list of models, or the list in the package.
   */
  known?(model: string): ModelInfo | undefined;
}

/**
 * The account behind a provider's key. Each method is one question to the vendor; leave out those that it does not
 * answer.
 * @see docs/write-a-provider.md
 */
export interface ProviderAccount {
  /** Fetches information about the key in use. */
  key?(connection: Connection): Promise<AccountInfo>;
  /** Fetches the account's credit. */
  credits?(connection: Connection): Promise<CreditsInfo>;
  /**
   * Fetches the vendor's record of an answer, with its usage. Undefined if it is not known yet.
   * @param responseId the vendor's id of the answer
   */
  lookup?(responseId: string, connection: Connection): Promise<GenerationInfo | undefined>;
}
