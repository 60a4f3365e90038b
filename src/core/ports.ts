import type { Observable } from 'rxjs';
import type { Stat } from './stats.js';
import type { LimitKey } from './provider.js';

/** Where log lines go. `fields` hold no prompt, no key and no header value. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Replaces every known secret in a text. */
export type Redact = (text: string) => string;

/** Takes a stat and hands it to every sink. Never throws. */
export type RecordStat = (stat: Stat) => void;

/** Admits requests so that no limit of their keys is ever exceeded. First come, first served, per key. */
export interface RateLimiter {
  /**
   * Emits `waiting` (once, if the turn does not come at once), then one `admitted`, and completes. Unsubscribing before
   * that leaves the queue. Who was admitted must call `sent` or `release` on the permit.
   */
  acquire(keys: readonly LimitKey[]): Observable<Admission>;
}

export type Admission =
  | { readonly type: 'waiting'; readonly untilMs?: number }
  | { readonly type: 'admitted'; readonly permit: Permit };

/** The right to send one request. The first of the two calls counts; later ones do nothing. */
export interface Permit {
  /** The request went onto a connected socket: it counts from this moment. */
  sent(): void;
  /** The request was never sent: it counts for nothing. */
  release(): void;
}
