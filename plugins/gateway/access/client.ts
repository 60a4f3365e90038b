import type { Policy } from './policy.js';

/** The sender of a request. */
export interface Client {
  /** The name of its key; `local` where no keys are needed. */
  readonly name: string;
  readonly policy: Policy;
  /** Aborted when the key is revoked or expires. */
  readonly signal: AbortSignal;
}
