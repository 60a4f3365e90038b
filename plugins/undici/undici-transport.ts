import { AbortError } from 'scriptorium';
import { refusedByProxy } from 'scriptorium/plugin';
import type { HttpProxy, Transport, TransportOptions, WireRequest } from 'scriptorium/plugin';
import type { Dispatcher } from 'undici';
import { Exchange } from './exchange.js';
import { keptConnections } from './kept-connections.js';
import type { Undici } from './load-undici.js';

export interface UndiciTransportOptions extends TransportOptions {
  readonly keepAliveMs: number;
}

/**
 * A transport over undici's clients, one socket each. Every promise of `Transport` is kept as the one over node-fetch
 * keeps it, with undici's own time limits off. Of a body that breaks, the bytes that had come are handed over first.
 */
export function undiciTransport(library: Undici, { keepAliveMs, proxyFor }: UndiciTransportOptions): Transport {
  const connections = keptConnections(library, keepAliveMs);
  return {
    open: (request, signal, monitor) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) throw new AbortError();
        const url = new URL(request.url);
        const proxy = proxyFor?.(request.url);
        // Encrypted requests go through a tunnel, as they are.
        const forwarder = url.protocol === 'http:' ? proxy : undefined;
        const connection = connections.take(url.origin, proxy);
        const exchange = new Exchange({
          connection,
          signal,
          monitor,
          refusal: (status) =>
            status === 407 && forwarder !== undefined ? refusedByProxy(forwarder, url.host, status) : undefined,
          resolve,
          reject,
          keep: () => connections.keep(connection),
          drop: () => connections.drop(connection),
        });
        connection.send(dispatchOf(request, url, forwarder), exchange);
      }),
    close: () => connections.close(),
  };
}

/** @param forwarder the proxy that passes the request on, for which it has its whole URL */
function dispatchOf(
  { method, headers, body }: WireRequest,
  { origin, pathname, search }: URL,
  forwarder: HttpProxy | undefined,
): Dispatcher.DispatchOptions {
  const { authorization } = forwarder ?? {};
  return {
    method,
    path: (forwarder === undefined ? '' : origin) + pathname + search,
    headers: {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'undici',
      ...headers,
      ...(authorization !== undefined && { 'proxy-authorization': authorization.reveal() }),
    },
    body: body ?? null,
  };
}
