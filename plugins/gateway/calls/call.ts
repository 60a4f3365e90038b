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
}

/** A generation with one client attached to it. */
export interface Call {
  /**
   * All events from the generation's start. A slow reader pauses the vendor's socket beyond 4 MB. Fails with a
   * `GenerationError`. To be read once. After `abandon` the reader receives only the end, whenever that is: the last event
   * or the error, the same object as every other reader of the generation. A generation that continues a broken one ends
   * with the attempts of both.
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
  /**
   * The call of an equal request that asks nothing of the vendor: a generation whose client has left, running or whole, a
   * final failure, or a refusal. It is paid, so that no limit or budget has to admit it. Undefined if `open` would start a
   * generation.
   */
  known(job: Job): Call | undefined;
  /**
   * The call of an equal request that another gateway knows: its whole answer, or a refusal with the status 409 while it is
   * written there. Undefined if no other gateway knows it. Left out where gateways share nothing.
   */
  elsewhere?(job: Job): Promise<Call | undefined>;
  /** Whether a vendor has written an answer for a client, since the gateway's start. The last 10,000 answers are known. */
  isOwn(client: Pick<Client, 'name'>, responseId: string): boolean;
  /** Cancels every generation that no client waits for, and takes no new one. */
  close(): void;
}
