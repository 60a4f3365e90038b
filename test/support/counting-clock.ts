import { systemClock } from '../../src/core/clock.js';
import type { Cancel, Clock } from '../../src/core/clock.js';

/**
 * The machine's own clock, which also knows how many of its timers are still to run: what a leak would show. It may run
 * faster than the machine's, for waits of seconds that cannot be configured, and its hands can be moved.
 */
export class CountingClock implements Clock {
  private readonly timers = new Set<object>();
  private readonly started = { now: systemClock.now(), monotonic: systemClock.monotonic() };
  private readonly moved = { now: 0, monotonic: 0 };

  /** @param speed how many of its milliseconds pass in one of the machine's */
  constructor(readonly speed = 1) {}

  /** So slow that none of its timers fires in a test. */
  static still(): CountingClock {
    return new CountingClock(1 / 1_000);
  }

  now(): number {
    return this.started.now + this.elapsed + this.moved.now;
  }

  monotonic(): number {
    return this.started.monotonic + this.elapsed + this.moved.monotonic;
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

  /** Somebody sets the clock on the wall. */
  setWall(byMs: number): void {
    this.moved.now += byMs;
  }

  /** The machine sleeps: both clocks have gone on when it wakes, and the timers have not. */
  sleep(ms: number): void {
    this.moved.now += ms;
    this.moved.monotonic += ms;
  }

  private get elapsed(): number {
    return (systemClock.monotonic() - this.started.monotonic) * this.speed;
  }
}
