import type { ErrorCode } from './errors/codes.js';
import type { Usage } from './usage.js';

/** How an attempt or a generation ended. */
export type Outcome = 'success' | 'error' | 'cancelled';

/** The story of one real request to a provider, told in results, errors and stats. Never holds a header, a key or a prompt. */
export interface AttemptRecord {
  /** Counts from 1 within the generation. */
  readonly attempt: number;
  readonly provider: string;
  /** The model that was asked for. */
  readonly model: string;
  readonly outcome: Outcome;
  readonly errorCode?: ErrorCode;
  readonly status?: number;
  /** Whether the request can have reached a server; if not, it cost nothing. */
  readonly sent: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs?: number;
  readonly usage: Usage;
  /** The vendor's id of the answer. */
  readonly responseId?: string;
}
