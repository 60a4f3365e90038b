import type { Policy } from './policy.js';

/** The sender of a request. */
export interface Client {
  /** The name of its key; `local` where no keys are needed. */
  readonly name: string;
  readonly policy: Policy;
  /** Aborted when the key is revoked or expires. */
  readonly signal: AbortSignal;
}

/** What the generations of a client use of its limits now. */
export interface ClientState {
  /** The name of its key; `local` where no keys are needed. */
  readonly name: string;
  readonly running: number;
  /** Generations that wait for a place among the limits, or for money. */
  readonly waiting: number;
  /** The limits of its last request. */
  readonly limits: { readonly [K in keyof NonNullable<Policy['limits']>]?: LimitState };
}

/** A limit, and what is used of it. */
export interface LimitState {
  readonly used: number;
  readonly limit: number;
}
