import type { Clock, StateStore } from 'scriptorium/plugin';
import type { Policy } from './access/policy.js';
import type { RunsSource } from './page/feed/runs.js';
import type { MetricsHandler } from './parts.js';

/** Options of `createGateway`. */
export interface GatewayOptions {
  /** The provider that receives the fields of a request which the pipeline does not know. By default `openrouter`. */
  readonly provider?: string | undefined;
  /** The policy of requests without a key, and the defaults of all others. */
  readonly policy?: Policy | undefined;
  /** The policies that keys and requests name: `{ night: { budget: { dayUsd: 5 } } }`. */
  readonly policies?: Readonly<Record<string, Policy>> | undefined;
  /**
   * Keeps the keys: `fileStateStore('.scriptorium/gateway.json')`. Without it, or without a key in it, no request needs a
   * key. What keys have spent is in the pipeline's own state store.
   */
  readonly keys?: StateStore | undefined;
  /**
   * A store that all gateways share. With it no request with an `Idempotency-Key` is written by two of them, and a client that
   * comes back finds its whole answer at each.
   */
  readonly shared?: StateStore | undefined;
  /** How long the status line waits for the first word, in milliseconds. By default 5000. */
  readonly holdHeadersMs?: number | undefined;
  /** The pause between the comments that keep a stream open, in milliseconds. By default 15000. */
  readonly keepAliveMs?: number | undefined;
  /** Answers `/metrics`, in place of the pipeline's plugin prometheus. Without either there is no such path. */
  readonly metrics?: MetricsHandler | undefined;
  /** The runs that the page shows, such as books with their chapters. Without it the page has no such section. */
  readonly runs?: RunsSource | undefined;
  /** By default the system's. */
  readonly clock?: Clock | undefined;
}
