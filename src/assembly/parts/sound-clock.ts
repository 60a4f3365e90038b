import { GUARDED_CLOCK, systemClock } from '../../core/clock.js';
import type { Cancel, Clock, Random } from '../../core/clock.js';
import { notAPromise } from '../../core/util/maybe-promise.js';
import { once } from '../../core/util/once.js';
import type { ReportFault } from '../../pipeline/fault-log.js';

/**
 * A clock that a program has registered. Where it throws, or gives something else than a number, the system clock answers.
 * Its monotonic time never goes back.
 */
export function soundClock(clock: Clock, report: ReportFault): Clock & { readonly [GUARDED_CLOCK]?: Clock } {
  if (clock === systemClock) return clock;
  const read = (name: 'now' | 'monotonic'): number | undefined => {
    try {
      const time = notAPromise(clock[name]());
      if (typeof time === 'number' && Number.isFinite(time)) return time;
      report('The clock', `did not give a number from ${name}()`);
    } catch (error) {
      report('The clock', `threw in ${name}()`, error);
    }
    return undefined;
  };
  return {
    [GUARDED_CLOCK]: clock,
    now: () => read('now') ?? systemClock.now(),
    monotonic: neverBack(() => read('monotonic'), report),
    setTimer: (ms, run) => {
      // The clock may have set its timer all the same.
      const runOnce = once(run);
      try {
        const cancel = notAPromise(clock.setTimer(ms, runOnce));
        if (typeof cancel === 'function') return soundCancel(cancel as () => unknown, report);
        report('The clock', 'did not give a function from setTimer()');
      } catch (error) {
        report('The clock', 'threw in setTimer()', error);
      }
      return systemClock.setTimer(ms, runOnce);
    },
  };
}

/** Never goes back. If the clock gives no time, or an earlier one, the system clock counts on from the last time. */
function neverBack(read: () => number | undefined, report: ReportFault): () => number {
  let last: number | undefined;
  /** Between the times of the clock and those that are given out. */
  let offset = 0;
  let systemAt: number | undefined;
  return () => {
    const time = read();
    if (time !== undefined) {
      systemAt = undefined;
      if (last !== undefined && time + offset < last) {
        report('The clock', 'went back in monotonic()');
        offset = last - time;
      }
      // The sum may be less than what the offset was made of, by its rounding.
      return (last = Math.max(last ?? -Infinity, time + offset));
    }
    const now = systemClock.monotonic();
    last = last === undefined ? now : last + (now - (systemAt ?? now));
    systemAt = now;
    return last;
  };
}

function soundCancel(cancel: () => unknown, report: ReportFault): Cancel {
  return () => {
    try {
      notAPromise(cancel());
    } catch (error) {
      report('The clock', 'could not cancel a timer', error);
    }
  };
}

/** A source of chance that a program has registered. Where it throws, or gives no number in [0, 1), it counts as 0.5. */
export function soundRandom(random: Random, report: ReportFault): Random {
  return () => {
    try {
      const number = notAPromise(random());
      if (typeof number === 'number' && number >= 0 && number < 1) return number;
      report('The source of chance', 'did not give a number from 0 to below 1');
    } catch (error) {
      report('The source of chance', 'threw', error);
    }
    return 0.5;
  };
}
