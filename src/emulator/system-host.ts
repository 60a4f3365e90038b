import { setImmediate as nextRound, setTimeout as delay } from 'node:timers/promises';
import type { Host } from './host.js';

/** The machine's own clock, timers and chance. */
export const systemHost: Host = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  pause: (ms, signal) => delay(ms, undefined, { ...(signal && { signal }) }),
  setTimer: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  breathe: () => nextRound(),
};
