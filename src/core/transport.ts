import type { HttpProxy } from './http-proxy.js';
import type { AttemptMonitor } from './monitor.js';

/** One HTTP request, ready to send. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. It is a string so that it can be sent again. */
  readonly body?: string;
}

/**
 * The head of an answer and a stream of its bytes. Bytes arrive only while `body` is read; leaving its iterator closes
 * it.
 */
export interface WireResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends HTTP requests. `describeTransport` of the test kit checks this contract:
 *
 * - It never follows a redirect.
 * - Aborting `signal` closes the socket in the same tick.
 * - It fails with a `GenerationError`. `neverSent` states whether the request provably did not reach the server.
 * - It reports its sockets and the headers to the monitor. Without these reports, a request counts as sent once its
 *   answer or its failure is known.
 * - Idle connections do not keep the process alive.
 *
 * @example
 * ```ts
 * const logged: TransportWrap = (inner) => ({
 *   open: (request, signal, monitor) => {
 *     console.log(request.method, request.url);
 *     return inner.open(request, signal, monitor);
 *   },
 *   close: () => inner.close?.(),
 * });
 * ```
 * @see docs/plugins.md
 */
export interface Transport {
  /** Sends a request. Resolves with the head of the answer, whatever its status. */
  open(request: WireRequest, signal: AbortSignal, monitor: AttemptMonitor): Promise<WireResponse>;
  /** Closes idle and open connections. */
  close?(): void;
}

/** The settings of the pipeline that concern its transport. */
export interface TransportOptions {
  /**
   * Returns the proxy for a URL; undefined: connect directly. Absent if the configuration and the environment name no
   * proxy.
   * @throws ConfigError for an address that is not one of an HTTP proxy
   */
  readonly proxyFor?: ((url: string) => HttpProxy | undefined) | undefined;
}

/** A transport that the configuration selects by name. */
export interface NamedTransport {
  readonly name: string;
  make(options: TransportOptions): Transport;
}

/** Wraps a transport. The returned transport is used in place of `inner`. */
export type TransportWrap = (inner: Transport) => Transport;
