import type { Observable } from 'rxjs';
import type { AccountInfo, CreditsInfo, GenerationInfo, ModelInfo, ModelsOptions } from './catalogue.js';
import type { Clock } from './clock.js';
import type { Prefill } from './continuation.js';
import type { GenerationEvent } from './events.js';
import type { AttemptMonitor } from './monitor.js';
import type { GenerationRequest } from './request.js';
import type { Usage } from './usage.js';
import type { WireRequest, WireResponse } from './transport.js';

/** What one attempt may use of the outside world, made for it by the end of the chain. */
export interface Connection {
  /** Sends over the pipeline's transport, which reports to this attempt's monitor. */
  open(request: WireRequest, signal: AbortSignal): Promise<WireResponse>;
  /** For `onContent`, which only the provider can tell. */
  readonly monitor: AttemptMonitor;
  readonly clock: Clock;
}

/** A limit that requests share: all with the same `key` are counted together. */
export interface LimitKey {
  readonly key: string;
  /** The vendor's own limits for this key; configuration replaces them one by one. */
  readonly limits: Limits;
  /** Its day is the one that `account()` tells as `freeRequests`. */
  readonly isFreeQuota?: true;
}

/** 0 or nothing: no limit. */
export interface Limits {
  readonly minIntervalMs?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** A day ends at midnight UTC. */
  readonly requestsPerDay?: number;
}

/** What a model can do beyond answering. */
export interface Capabilities {
  readonly prefill: Prefill;
}

/**
 * Speaks one vendor's protocol. `generate` makes exactly one request per subscription, emits the grammar of
 * `GenerationEvent` for that attempt, completes only after a whole answer, and fails with a `GenerationError` for
 * everything else. It retries nothing.
 */
export interface Provider {
  /** Unique in a pipeline; also the key of its `providerOptions`. */
  readonly id: string;
  generate(request: GenerationRequest, connection: Connection): Observable<GenerationEvent>;
  /**
   * The models it offers now. Where it has been told to send nothing, the connection refuses to be opened: it then gives
   * what it knows, or fails with what the connection says.
   */
  models?(connection: Connection, options?: ModelsOptions): Promise<readonly ModelInfo[]>;
  /** What it knows of a model without asking: by its last list of models, or the one it came with. */
  knownModel?(model: string): ModelInfo | undefined;
  /** What it says about the key in use. */
  account?(connection: Connection): Promise<AccountInfo>;
  /** The account's credit. */
  credits?(connection: Connection): Promise<CreditsInfo>;
  /** What it has in its books about an answer, by the vendor's id; undefined while it does not know it yet. */
  generation?(responseId: string, connection: Connection): Promise<GenerationInfo | undefined>;
  /** What the request's model can do. Without it, nothing beyond a fresh answer. */
  capabilities?(request: GenerationRequest): Capabilities;
  /** What an answer used, by the vendor's id; undefined while the vendor does not know it yet. */
  usageOf?(responseId: string, connection: Connection): Promise<Usage | undefined>;
  /** None: not limited. */
  limitKeys?(request: GenerationRequest): readonly LimitKey[];
}
