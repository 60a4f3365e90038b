import type { GatewayOptions } from '../options.js';

/** Options of `startGateway`. */
export interface ServerOptions extends GatewayOptions {
  /** The address to listen on. By default `127.0.0.1`. On another than a loopback address the gateway must have keys. */
  readonly host?: string | undefined;
  /** 0 takes any free port. By default 8787. */
  readonly port?: number | undefined;
  /** Further names under which clients may ask, such as that of a reverse proxy. */
  readonly allowHosts?: readonly string[] | undefined;
  /** The most POST requests that run or wait at once; further ones are answered 503. By default 2,000. */
  readonly maxRequests?: number | undefined;
  /** The most open connections; further ones are closed at once. By default 10,000. */
  readonly maxConnections?: number | undefined;
  /** The time for the headers of a request to arrive, in milliseconds. By default 10,000. */
  readonly headersTimeoutMs?: number | undefined;
  /** The time for a whole request to arrive, in milliseconds. It does not limit the answer. By default 60,000. */
  readonly requestTimeoutMs?: number | undefined;
}
