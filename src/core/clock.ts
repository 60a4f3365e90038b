/** Stops a timer or leaves a queue. Calling it again does nothing. */
export type Cancel = () => void;

/** The only source of time. It is injected everywhere, so that tests can control it. */
export interface Clock {
  /** Epoch milliseconds. May jump when the system clock is set. Use it only for time stamps and a server's dates. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. Use it for every duration. */
  monotonic(): number;
  /** Calls `run` once, `ms` milliseconds from now. Keeps the process alive until then, or until it is cancelled. */
  setTimer(ms: number, run: () => void): Cancel;
}

/** Marks the system clock. Each copy of the package has one of its own. */
export const SYSTEM_CLOCK: unique symbol = Symbol.for('scriptorium.system-clock');

/** Where a clock that guards another one keeps it. */
export const GUARDED_CLOCK: unique symbol = Symbol.for('scriptorium.guarded-clock');

/** The source of a clock's time: two clocks with the same one tell the same time. */
export function timeSource(clock: Clock): object {
  const { [GUARDED_CLOCK]: source = clock } = clock as Clock & { readonly [GUARDED_CLOCK]?: Clock };
  return SYSTEM_CLOCK in source ? SYSTEM_TIME : source;
}

const SYSTEM_TIME = {};

/**
 * The system clock. A timer that is due runs only after pending I/O has been read, so that a blocked thread does not
 * cause false timeouts.
 */
export const systemClock: Clock & { readonly [SYSTEM_CLOCK]: true } = {
  [SYSTEM_CLOCK]: true,
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (ms, run) => {
    let afterReading: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      afterReading = setImmediate(run);
    }, ms);
    return () => {
      clearTimeout(timer);
      clearImmediate(afterReading);
    };
  },
};

/** Returns a number in [0, 1), like `Math.random`. */
export type Random = () => number;

/** The longest delay of a Node timer (2³¹ − 1 ms, 24.8 days). A longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
