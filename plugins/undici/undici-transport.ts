import { AbortError } from 'scriptorium';
import type { Transport } from 'scriptorium/plugin';
import { Exchange } from './exchange.js';
import { keptConnections } from './kept-connections.js';
import type { Undici } from './load-undici.js';

export interface UndiciTransportOptions {
  readonly keepAliveMs: number;
}

/**
 * A transport over undici's clients, one socket each. Every promise of `Transport` is kept as the one over node-fetch
 * keeps it, with undici's own time limits off. Of a body that breaks, the bytes that had come are handed over first.
 */
export function undiciTransport(library: Undici, { keepAliveMs }: UndiciTransportOptions): Transport {
  const connections = keptConnections(library, keepAliveMs);
  return {
    open: (request, signal, monitor) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) throw new AbortError();
        const { origin, pathname, search } = new URL(request.url);
        const connection = connections.take(origin);
        const exchange = new Exchange({
          connection,
          signal,
          monitor,
          resolve,
          reject,
          keep: () => connections.keep(connection),
          drop: () => connections.drop(connection),
        });
        connection.send(
          {
            method: request.method,
            path: pathname + search,
            headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'undici', ...request.headers },
            body: request.body ?? null,
          },
          exchange,
        );
      }),
    close: () => connections.close(),
  };
}
