import { chanceAt } from '../../src/emulator/random.js';
import type { Host } from '../../src/emulator/host.js';

/** A host whose time stands still until it is advanced, and whose chance comes from a seed. */
export interface VirtualHost extends Host {
  /** Timers that are set and have not run. */
  pending(): number;
  /** Moves time forward; runs what falls due on the way, and lets everything settle that follows from it. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** @param startedAt epoch milliseconds */
export function virtualHost({ startedAt = Date.UTC(2026, 0, 1), seed = 1 } = {}): VirtualHost {
  const timers = new Set<Timer>();
  let elapsed = 0;
  let draws = 0;
  const setTimer = (ms: number, run: () => void) => {
    const timer = { at: elapsed + ms, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const pause = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        cancel();
        reject(new Error('aborted'));
      };
      const cancel = setTimer(ms, () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      });
      signal?.addEventListener('abort', leave, { once: true });
    });
  const nextDue = (end: number) => [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => startedAt + elapsed,
    monotonic: () => elapsed,
    setTimer,
    pause,
    random: () => chanceAt(seed, draws++),
    breathe: () => Promise.resolve(),
    pending: () => timers.size,
    advance: async (ms) => {
      const end = elapsed + ms;
      await settled();
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.at);
        timer.run();
        await settled();
      }
      elapsed = end;
    },
  };
}

/** Resolves when all microtasks are done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
