import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Thrown by whatever waits when the connection is gone: there is nobody left to answer. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';
}

/**
 * The answering side of one HTTP exchange. Everything that waits (`write`, `end`, `pause`, `untilGone`) throws `ConnectionGone` as soon as
 * the connection is lost, and leaves no timer behind.
 */
export interface Exchange {
  /** Aborted when the exchange is over, in whatever way. */
  readonly signal: AbortSignal;
  readonly isOpen: boolean;
  /** Sends the head at once. */
  open(status: number, headers: OutgoingHttpHeaders): void;
  /** Resolves when the text is in the hands of the operating system: a slow reader holds it up. */
  write(text: string): Promise<void>;
  /** Ends the answer properly. */
  end(text?: string): Promise<void>;
  /** Closes the connection in the middle of the answer (FIN). */
  hangUp(): void;
  /** Resets the connection (RST). */
  reset(): void;
  pause(durationMs: number): Promise<void>;
  untilGone(): Promise<never>;
}

/** The exchange over a response of `node:http`. Headers given here are sent with any answer; those of `open` yield to them. */
export function exchangeOver(response: ServerResponse, always: () => OutgoingHttpHeaders): Exchange {
  const { gone, signal } = departure(response);
  const orGone = (start: (resolve: () => void, reject: (error: Error) => void) => void) =>
    Promise.race([gone, new Promise<void>(start)]);
  return {
    signal,
    get isOpen() {
      return response.headersSent;
    },
    open(status, headers) {
      response.writeHead(status, { ...headers, ...always() });
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
        : delay(durationMs, undefined, { signal }).catch(() => {
            throw new ConnectionGone();
          }),
    untilGone: () => gone,
  };
}

/** Notices when the client has gone: a promise that rejects, and a signal. */
function departure(response: ServerResponse): { readonly gone: Promise<never>; readonly signal: AbortSignal } {
  const over = new AbortController();
  response.on('error', () => undefined);
  const gone = new Promise<never>((_resolve, reject) =>
    response.once('close', () => {
      over.abort(new ConnectionGone());
      reject(new ConnectionGone());
    }),
  );
  gone.catch(() => undefined);
  return { gone, signal: over.signal };
}
