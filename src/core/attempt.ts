import type { ErrorCode } from './errors/codes.js';
import type { Usage } from './usage.js';

/** The final state of an attempt or a generation. */
export type Outcome = 'success' | 'error' | 'cancelled';

/**
 * A record of one real request to a provider. Results, errors and stats contain it. It never holds a header, a key or
 * a prompt.
 * @see docs/statistics.md
 */
export interface AttemptRecord {
  /** Counts from 1 within the generation. */
  readonly attempt: number;
  readonly provider: string;
  /** The requested model. */
  readonly model: string;
  readonly outcome: Outcome;
  /** The name of the key in use, if the provider has several; never the key. */
  readonly credential?: string;
  readonly errorCode?: ErrorCode;
  /** The HTTP status of a failure. */
  readonly status?: number;
  /** Whether the request may have reached a server. If not, it cost nothing. */
  readonly sent: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs?: number;
  readonly usage: Usage;
  /** The vendor's id of the answer. */
  readonly responseId?: string;
}
