/** Thrown by whatever waits when the connection is gone: there is nobody left to answer. */
export class ConnectionGone extends Error {
  override readonly name = 'ConnectionGone';
}

/** One for all, where many may be needed: its stack says nothing, and would cost more than the wait that it ends. */
export const CONNECTION_GONE = new ConnectionGone();

/** The headers of an answer. */
export type AnswerHeaders = Readonly<Record<string, string | number>>;

/** How an exchange ended: the answer was sent to its end, the connection was lost before that, or the server was shut down. */
export type Ending = 'sent' | 'lost' | 'shut-down';

/**
 * The answering side of one HTTP exchange. Everything that waits (`write`, `end`, `pause`, `untilGone`) throws `ConnectionGone` as soon as
 * the connection is lost, and leaves no timer behind.
 */
export interface Exchange {
  /** Aborted when the exchange is over, in whatever way. */
  readonly signal: AbortSignal;
  /** Undefined until the signal is aborted. */
  readonly ending: Ending | undefined;
  readonly isOpen: boolean;
  /** Sends the head at once. */
  open(status: number, headers: AnswerHeaders): void;
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

/** The same exchange, whose answers carry these headers too. They replace those of `open`. */
export function withHeaders(exchange: Exchange, always: () => AnswerHeaders): Exchange {
  return {
    signal: exchange.signal,
    get ending() {
      return exchange.ending;
    },
    get isOpen() {
      return exchange.isOpen;
    },
    open: (status, headers) => exchange.open(status, { ...headers, ...always() }),
    write: (text) => exchange.write(text),
    end: (text) => exchange.end(text),
    hangUp: () => exchange.hangUp(),
    reset: () => exchange.reset(),
    pause: (durationMs) => exchange.pause(durationMs),
    untilGone: () => exchange.untilGone(),
  };
}
