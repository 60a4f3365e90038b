import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Pipeline } from 'scriptorium/plugin';
import type { Access } from './access/access.js';
import type { Calls } from './calls/call.js';
import type { RunsSource } from './page/feed/runs.js';

/** The parts of a gateway that its routes use. */
export interface GatewayParts {
  readonly pipeline: Pipeline;
  readonly access: Access;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly provider: string;
  readonly holdHeadersMs: number;
  readonly keepAliveMs: number;
  /** Answers `/metrics`. */
  readonly metrics: MetricsHandler | undefined;
  /** The runs that the page shows. */
  readonly runs: RunsSource | undefined;
  /** Whether the gateway takes new work. */
  readonly isReady: () => boolean;
}

/** Answers a request for metrics, as `handler` of the plugin prometheus does. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => void;
