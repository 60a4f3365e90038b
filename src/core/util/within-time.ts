import type { Clock } from '../clock.js';

/** The options of `withinTime`. */
export interface TimeBound<T> {
  readonly clock: Clock;
  readonly ms: number;
  /** The result if the time is up. */
  readonly otherwise: T;
}

/** Resolves like `promise`, or with `otherwise` after `ms`. The promise keeps running; a later rejection is lost. */
export async function withinTime<T>(promise: Promise<T>, { clock, ms, otherwise }: TimeBound<T>): Promise<T> {
  let cancel = (): void => undefined;
  const timeUp = new Promise<T>((resolve) => {
    cancel = clock.setTimer(ms, () => resolve(otherwise));
  });
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    cancel();
  }
}
