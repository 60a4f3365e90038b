import type { SimulatedHost } from './host.js';
import type { Owner, Timeline } from './timeline.js';

/** The network as one exchange uses it. */
export interface Wires {
  readonly timeline: Timeline;
  /** Bytes that may be under way to a client that does not read. */
  readonly windowBytes: number;
  /** Milliseconds that the next piece takes. */
  latency(): number;
  /** Cuts bytes as a network may. */
  split(bytes: Uint8Array): readonly Uint8Array[];
  /** Adds what crosses the network to the digest of the trace. */
  traced(bytes: Uint8Array): void;
  /** Uses a kept-alive connection, if there is one. */
  takeIdle(client: Owner, host: SimulatedHost): boolean;
  /** Keeps a connection for the next exchange. */
  putIdle(client: Owner, host: SimulatedHost): void;
  /** Reports a mistake of a simulated server. */
  mistake(error: unknown): void;
}
