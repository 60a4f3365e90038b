import type { AttemptMonitor } from './monitor.js';

/** One HTTP request, ready to send. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; a string, so that it can be sent again. */
  readonly body?: string;
}

/** The head of an answer, and its bytes as they come. Reading the body is what moves it; leaving the iterator ends it. */
export interface WireResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Moves bytes. Promises: never follows a redirect; aborting `signal` closes the socket in the same tick; fails with
 * a `GenerationError` that says whether the request can have reached the server (`neverSent`); tells the monitor of its
 * sockets and of the headers. Of one that does not, a request counts as sent when its answer, or its failure, is there.
 * What it keeps for later keeps no process alive. `describeTransport` of the test kit proves all of this.
 */
export interface Transport {
  open(request: WireRequest, signal: AbortSignal, monitor: AttemptMonitor): Promise<WireResponse>;
  /** Closes idle and open connections. */
  close?(): void;
}

/** A transport that the configuration may choose by its name. */
export interface NamedTransport {
  readonly name: string;
  make(): Transport;
}

/** Puts something around a transport; what it returns is used in place of `inner`. */
export type TransportWrap = (inner: Transport) => Transport;
