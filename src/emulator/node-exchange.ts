import type { ServerResponse } from 'node:http';
import { ConnectionGone } from './exchange.js';
import type { Ending, Exchange } from './exchange.js';
import type { Host } from './host.js';

/** The server that an exchange belongs to. */
export interface ExchangeServer {
  readonly host: Host;
  /** Whether the server is closing its connections. */
  isClosing(): boolean;
}

/** The exchange over a response of `node:http`. */
export function nodeExchange(response: ServerResponse, server: ExchangeServer): Exchange {
  const departure = departureOf(response, server);
  const { gone, signal } = departure;
  const orGone = (start: (resolve: () => void, reject: (error: Error) => void) => void) =>
    Promise.race([gone, new Promise<void>(start)]);
  return {
    signal,
    get ending() {
      return departure.ending();
    },
    get isOpen() {
      return response.headersSent;
    },
    open(status, headers) {
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    write: (text) =>
      orGone((resolve, reject) => {
        response.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    end: (text = '') =>
      orGone((resolve) => {
        response.once('finish', resolve);
        response.end(text);
      }),
    hangUp: () => response.socket?.destroySoon(),
    reset: () => void response.socket?.resetAndDestroy(),
    pause: (durationMs) =>
      durationMs <= 0
        ? Promise.resolve()
        : server.host.pause(durationMs, signal).catch(() => {
            throw new ConnectionGone();
          }),
    untilGone: () => gone,
  };
}

/** The end of an exchange: a promise that rejects, a signal, and how it ended. */
interface Departure {
  readonly gone: Promise<never>;
  readonly signal: AbortSignal;
  ending(): Ending | undefined;
}

function departureOf(response: ServerResponse, server: ExchangeServer): Departure {
  const over = new AbortController();
  let ending: Ending | undefined;
  response.on('error', () => undefined);
  const gone = new Promise<never>((_resolve, reject) =>
    response.once('close', () => {
      ending = response.writableFinished ? 'sent' : server.isClosing() ? 'shut-down' : 'lost';
      over.abort(new ConnectionGone());
      reject(new ConnectionGone());
    }),
  );
  gone.catch(() => undefined);
  return { gone, signal: over.signal, ending: () => ending };
}
