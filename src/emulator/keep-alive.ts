import { PROCESSING } from './chunks.js';
import type { Exchange } from './exchange.js';

/** A timer that writes a comment into a stream that has been silent for long. */
export interface KeepAlive {
  /** Something is being written: the silence starts anew. The first call starts the watch. */
  touch(): void;
  /** Ends the watch for good. */
  stop(): void;
}

/** Watches over a stream until it is stopped or the connection is gone; 0 ms is never. */
export function keepAlive(exchange: Exchange, silenceMs: number): KeepAlive {
  let timer: NodeJS.Timeout | undefined;
  let stopped = silenceMs === 0;
  const comment = () => {
    exchange.write(PROCESSING).catch(() => undefined);
    touch();
  };
  const touch = () => {
    if (stopped) return;
    timer = timer?.refresh() ?? setTimeout(comment, silenceMs);
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
  };
  exchange.signal.addEventListener('abort', stop, { once: true });
  return { touch, stop };
}
