import type { GenerationEvent, GenerationInput } from 'scriptorium/plugin';
import type { Client } from '../access/client.js';

/** A request for one generation. */
export interface Job {
  readonly client: Client;
  readonly input: GenerationInput;
  /** A streamed answer cannot begin again; a whole one may. */
  readonly isStream: boolean;
  readonly idempotencyKey: string | undefined;
  /** The path and the body as they came. Two jobs of a client with equal ones are the same request. */
  readonly path: string;
  readonly body: string;
  /**
   * Called once, with the cost of the generation that this job has begun: at its end, even if the client has left before.
   * A job that receives the generation of another one is called at once, with zero.
   */
  readonly onEnd?: (spent: Spent) => void;
}

/** The cost of a generation, failed attempts included: US dollars and tokens. */
export interface Spent {
  readonly usd: number;
  readonly tokens: number;
}

/** A generation with one client attached to it. */
export interface Call {
  /**
   * All events from the generation's start. A slow reader pauses the vendor's socket beyond 4 MB. Fails with a
   * `GenerationError`. To be read once.
   */
  events(): AsyncIterable<GenerationEvent>;
  /** The client has its whole answer. */
  delivered(): void;
  /** The client is gone: the generation is cancelled, or kept as long as the policy says. */
  abandon(): void;
}

/** The generations of a gateway. */
export interface Calls {
  /**
   * Starts a generation, or gives an equal request the one whose client has left. It never throws: a refusal fails
   * `events()`, with `invalid-input` (status 422) for an `Idempotency-Key` with another body, and `aborted` after `close`.
   */
  open(job: Job): Call;
  /** Cancels every generation that no client waits for, and takes no new one. */
  close(): void;
}
