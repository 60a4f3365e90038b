/** Stops a timer or leaves a queue. Calling it again does nothing. */
export type Cancel = () => void;

/** The only source of time. Injected everywhere, so that tests own it. */
export interface Clock {
  /** Epoch milliseconds; may jump when the machine's clock is set. Only for time stamps and a server's dates. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. For every duration. */
  monotonic(): number;
  /** Runs once, `ms` from now. Keeps the process alive until it has run or is cancelled. */
  setTimer(ms: number, run: () => void): Cancel;
}

/** The machine's own clock. Before a timer runs, what has arrived meanwhile is read: a thread that stood still is no reason to give somebody up. */
export const systemClock: Clock = {
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

/** A number in [0, 1), as `Math.random` gives it. */
export type Random = () => number;

/** The longest timer Node can keep (2³¹ − 1 ms, 24.8 days); a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
