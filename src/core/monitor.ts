import { contextKey } from './context.js';

/**
 * Observes the parts of an attempt that events do not show. Its methods are called synchronously; they must be cheap
 * and must not throw.
 */
export interface AttemptMonitor {
  /** A socket was assigned. `reused`: it has served a request before. */
  onSocket(reused: boolean): void;
  /** The socket is connected and, for https, secure. */
  onConnect(): void;
  onHeaders(status: number): void;
  onBytes(count: number): void;
  /** Text, reasoning or a piece of a tool call arrived. Not called for comments and empty chunks. */
  onContent(): void;
}

/** A monitor that does nothing. */
export const SILENT_MONITOR: AttemptMonitor = {
  onSocket: () => undefined,
  onConnect: () => undefined,
  onHeaders: () => undefined,
  onBytes: () => undefined,
  onContent: () => undefined,
};

/** The monitor of the running attempt. To add one, chain it to the present one with `monitorAfter`. */
export const ATTEMPT_MONITOR = contextKey<AttemptMonitor>('attempt-monitor', SILENT_MONITOR);

/**
 * Creates a monitor that calls `first`, then the given listeners.
 * @example
 * ```ts
 * const monitor = monitorAfter(request.context.get(ATTEMPT_MONITOR), {
 *   onHeaders: (status) => console.log(`status ${status}`),
 * });
 * return next({ ...request, context: request.context.with(ATTEMPT_MONITOR, monitor) });
 * ```
 * @see docs/interceptors.md
 */
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
