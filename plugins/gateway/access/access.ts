import type { IncomingHttpHeaders } from 'node:http';
import type { GenerationInput } from 'scriptorium/plugin';
import type { Client, ClientState } from './client.js';

/** A request, as far as access and policies depend on it. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  /** The labels and the policy that the base URL names: `/with/book=ada,policy=night/…`. */
  readonly inUrl: Readonly<Record<string, string>>;
}

/** Decides who may ask for what. */
export interface Access {
  /**
   * Whether requests need a key. Resolves when the keys have been read.
   * @throws the error of the store, if they cannot be read
   */
  hasKeys(): Promise<boolean>;
  /**
   * The sender of a request.
   * @throws GenerationError `authentication` (401) or `permission` (403), `invalid-input` for a policy that would widen the
   * key's, `unavailable` while the keys have not been read
   */
  clientOf(asked: Asked): Client;
  /**
   * The input after the client's policy: aliases, allowed models, labels, budgets, token caps, waits and headers.
   * @throws GenerationError `permission` for a model that the policy does not allow, `invalid-input` for a header that would widen it
   */
  inputOf(input: GenerationInput, client: Client, asked: Asked): GenerationInput;
  /**
   * Waits until the client's own limits admit another generation. Call `release` with its end. Its budget is held by the
   * pipeline.
   * @throws GenerationError `rate-limit` with `retryAt` after the policy's `maxWaitMs`, `aborted` if the signal is aborted
   */
  admit(client: Client, signal: AbortSignal): Promise<Admitted>;
  /** The clients that have asked so far and have limits or a budget. */
  clients(): readonly ClientState[];
  /** Stops reading the keys. */
  close(): void;
}

/** A place among a client's generations. */
export interface Admitted {
  /** @param spent tokens of the whole generation */
  release(spent: { readonly tokens: number }): void;
}
