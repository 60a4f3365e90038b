import { PROCESSING } from './chunks.js';
import type { Delivery } from './delivery.js';
import type { Cancel } from './host.js';

/** A timer that writes a comment into a stream that has been silent for long. */
export interface KeepAlive {
  /** Something is being written: the silence starts anew. The first call starts the watch. */
  touch(): void;
  /** Ends the watch for good. */
  stop(): void;
}

/** Comments may come this early: a timer is not exact. */
const SLACK_MS = 1;

/** Watches over a stream until it is stopped or the connection is gone; 0 ms is never. */
export function keepAlive({ exchange, host, settings }: Pick<Delivery, 'exchange' | 'host' | 'settings'>): KeepAlive {
  const silenceMs = settings.keepAliveMs;
  let cancel: Cancel | undefined;
  let stopped = silenceMs === 0;
  let touchedAt = 0;
  // A touch does not set the timer again, as there is one for each delta: the timer looks when it is due.
  const look = () => {
    const restMs = touchedAt + silenceMs - host.monotonic();
    const isSilent = restMs < SLACK_MS;
    if (isSilent) {
      exchange.write(PROCESSING).catch(() => undefined);
      touchedAt = host.monotonic();
    }
    cancel = host.setTimer(isSilent ? silenceMs : restMs, look);
  };
  const touch = () => {
    if (stopped) return;
    touchedAt = host.monotonic();
    cancel ??= host.setTimer(silenceMs, look);
  };
  const stop = () => {
    stopped = true;
    cancel?.();
  };
  exchange.signal.addEventListener('abort', stop, { once: true });
  return { touch, stop };
}
