import { systemClock } from '../../src/core/clock.js';
import type { Clock } from '../../src/core/clock.js';

/** The machine's clock with its pending timers counted. */
export interface CountingClock extends Clock {
  pending(): number;
}

export function countingClock(): CountingClock {
  const timers = new Set<symbol>();
  return {
    ...systemClock,
    pending: () => timers.size,
    setTimer: (ms, run) => {
      const key = Symbol();
      timers.add(key);
      const cancel = systemClock.setTimer(ms, () => {
        timers.delete(key);
        run();
      });
      return () => {
        timers.delete(key);
        cancel();
      };
    },
  };
}
