import type { Clock } from '../core/clock.js';
import type { Permit } from '../core/ports.js';
import type { LimitKey } from '../core/provider.js';
import { Interval } from '../policies/interval.js';
import { SlidingWindow } from '../policies/sliding-window.js';

const MINUTE_MS = 60_000;

/** The limits of one key, taken together or not at all. */
export interface LimitedKey {
  /** When one more request fits all limits, or undefined while that depends on one that is on its way. */
  availableAt(now: number): number | undefined;
  /** @param onChange called when the request was sent or given back */
  admit(onChange: () => void): Permit;
}

export function limitedKey({ limits }: LimitKey, clock: Clock, skewMs: number): LimitedKey {
  const { minIntervalMs = 0, requestsPerMinute = 0 } = limits;
  const interval = new Interval(minIntervalMs);
  const minute = requestsPerMinute > 0 ? new SlidingWindow(requestsPerMinute, MINUTE_MS + skewMs) : undefined;
  return {
    availableAt: (now) => latest([minIntervalMs > 0 ? interval.availableAt(now) : now, minute ? minute.availableAt(now) : now]),
    admit: (onChange) => {
      interval.admit();
      const entry = minute?.admit();
      return once(
        () => {
          const now = clock.monotonic();
          interval.sent(now);
          if (entry !== undefined) entry.at = now;
          onChange();
        },
        () => {
          interval.release();
          if (entry !== undefined) minute?.remove(entry);
          onChange();
        },
      );
    },
  };
}

/** The latest of several times; unknown if one of them is. */
export function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), -Infinity);
}

/** A permit whose first call counts. */
function once(sent: () => void, release: () => void): Permit {
  let isUsed = false;
  const first = (run: () => void) => () => {
    if (!isUsed) {
      isUsed = true;
      run();
    }
  };
  return { sent: first(sent), release: first(release) };
}
