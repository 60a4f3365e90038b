import { GUARDED_CLOCK, systemClock } from '../../core/clock.js';
import type { Cancel, Clock, Random } from '../../core/clock.js';
import { notAPromise } from '../../core/util/maybe-promise.js';
import { once } from '../../core/util/once.js';
import type { ReportFault } from '../../pipeline/fault-log.js';

/** A clock that a program has registered. Where it throws, or gives something else than a number, the system clock answers. */
export function soundClock(clock: Clock, report: ReportFault): Clock & { readonly [GUARDED_CLOCK]?: Clock } {
  if (clock === systemClock) return clock;
  const read = (name: 'now' | 'monotonic') => (): number => {
    try {
      const time = notAPromise(clock[name]());
      if (typeof time === 'number' && Number.isFinite(time)) return time;
      report('The clock', `did not give a number from ${name}()`);
    } catch (error) {
      report('The clock', `threw in ${name}()`, error);
    }
    return systemClock[name]();
  };
  return {
    [GUARDED_CLOCK]: clock,
    now: read('now'),
    monotonic: read('monotonic'),
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
