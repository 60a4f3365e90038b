/** Stops a timer. Calling it again does nothing. */
export type Cancel = () => void;

/** Time and chance of the machine that an emulated service runs on. The protocol has no other source of either. */
export interface Host {
  /** Epoch milliseconds, by the server's own clock. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number;
  /** Resolves after so many milliseconds; rejects as soon as the signal is aborted, and leaves no timer behind. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once, `ms` milliseconds from now. */
  setTimer(ms: number, run: () => void): Cancel;
  /** Returns a number in [0, 1). The ids of generations come from it. */
  random(): number;
  /** Lets other work through; resolves without a delay. */
  breathe(): Promise<void>;
  /** Receives an error of the emulator itself, which its client sees as a 500. */
  mistake?(error: unknown): void;
}
