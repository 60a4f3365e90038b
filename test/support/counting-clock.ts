import { systemClock } from '../../src/core/clock.js';
import type { Cancel, Clock } from '../../src/core/clock.js';

/** The machine's own clock, which also knows how many of its timers are still to run: what a leak would show. */
export class CountingClock implements Clock {
  private readonly timers = new Set<object>();

  /** @param speed timers run so many times as fast, for waits of seconds that cannot be configured */
  constructor(private readonly speed = 1) {}

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  setTimer(ms: number, run: () => void): Cancel {
    const key = {};
    this.timers.add(key);
    const cancel = systemClock.setTimer(ms / this.speed, () => {
      this.timers.delete(key);
      run();
    });
    return () => {
      this.timers.delete(key);
      cancel();
    };
  }

  get pending(): number {
    return this.timers.size;
  }
}
