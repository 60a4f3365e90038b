import type { Clock } from '../clock.js';

export interface TimeBound<T> {
  readonly clock: Clock;
  readonly ms: number;
  /** The result when time is up. */
  readonly otherwise: T;
}

/** What a promise brings, if it does so in time. The promise itself goes on; it must not reject unheard. */
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
