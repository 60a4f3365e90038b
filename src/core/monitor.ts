import { contextKey } from './context.js';

/** Hears from inside an attempt what events cannot show. Called synchronously, as it happens; must be cheap and must not throw. */
export interface AttemptMonitor {
  /** A socket was assigned; `reused` if it has served a request before. */
  onSocket(reused: boolean): void;
  /** The socket is connected and, for https, secure. */
  onConnect(): void;
  onHeaders(status: number): void;
  onBytes(count: number): void;
  /** Text, reasoning or a piece of a tool call arrived. Comments and empty chunks do not count. */
  onContent(): void;
}

/** Hears nothing. */
export const SILENT_MONITOR: AttemptMonitor = {
  onSocket: () => undefined,
  onConnect: () => undefined,
  onHeaders: () => undefined,
  onBytes: () => undefined,
  onContent: () => undefined,
};

/** The monitor of the attempt under way. Who sets one forwards to the one it found: `monitorAfter`. */
export const ATTEMPT_MONITOR = contextKey<AttemptMonitor>('attempt-monitor', SILENT_MONITOR);

/** A monitor that tells `first`, then whichever of its own listeners are given. */
export function monitorAfter(first: AttemptMonitor, own: Partial<AttemptMonitor>): AttemptMonitor {
  return {
    onSocket: (reused) => {
      first.onSocket(reused);
      own.onSocket?.(reused);
    },
    onConnect: () => {
      first.onConnect();
      own.onConnect?.();
    },
    onHeaders: (status) => {
      first.onHeaders(status);
      own.onHeaders?.(status);
    },
    onBytes: (count) => {
      first.onBytes(count);
      own.onBytes?.(count);
    },
    onContent: () => {
      first.onContent();
      own.onContent?.();
    },
  };
}
