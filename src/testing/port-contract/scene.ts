import { ManualClock } from '../manual-clock.js';
import type { Random } from '../../core/clock.js';

/** The surroundings of a part under proof. */
export interface PortWorld {
  /** The clock of the part, of its server, and of all processes. It moves only when a promise says so. */
  readonly clock: ManualClock;
  /** Chance, the same in each run. */
  readonly random: Random;
  /** Registers what closes the part. It runs after the promise. */
  readonly onEnd: (close: () => unknown) => void;
  /**
   * Registers how to wait until the part has done everything that it can do at this time, with all messages between
   * processes. Without it, the part works in memory: a few turns of the event loop are enough.
   */
  readonly whenQuiet: (wait: () => Promise<unknown>) => void;
}

/**
 * Makes the part under proof, empty, for each promise: the part as two processes see it. A part that lives in one process
 * is one object, which stands for both.
 */
export type MakePort<T, W extends PortWorld = PortWorld> = (
  world: W,
) => T | readonly [T, T] | Promise<T | readonly [T, T]>;

/** Proves one promise. Rejects with an `Error` that names the mistake. Needs no test runner. */
export type PortCheck<T, W extends PortWorld = PortWorld> = (make: MakePort<T, W>) => Promise<void>;

/** One promise's part. */
export interface PortScene<T> {
  readonly first: T;
  /** The same part in another process. */
  readonly second: T;
  readonly clock: ManualClock;
  /** Waits until the part is quiet. */
  readonly quiet: () => Promise<void>;
  /** Moves time forward, from timer to timer; the part is quiet before and after each. */
  readonly pass: (ms: number) => Promise<void>;
}

/** The begin of the time of each promise: noon of a day in mid-month, UTC. */
export const NOON = Date.UTC(2026, 2, 14, 12);

/** Makes a check of a scene. @param settings what the world of this port has besides */
export const checkWith =
  <T, W extends PortWorld>(settings: Omit<W, keyof PortWorld>) =>
  (check: (scene: PortScene<T>) => Promise<void>): PortCheck<T, W> =>
  async (make) => {
    const clock = new ManualClock(NOON);
    const ends: (() => unknown)[] = [];
    let quiet: () => Promise<unknown> = turns;
    const world: PortWorld = {
      clock,
      random: seeded(),
      onEnd: (close) => void ends.push(close),
      whenQuiet: (wait) => (quiet = wait),
    };
    try {
      const made = await make(Object.assign(world, settings) as W);
      const [first, second] = isPair(made) ? made : [made, made];
      const wait = async (): Promise<void> => {
        await quiet();
      };
      await check({ first, second, clock, quiet: wait, pass: (ms) => passTime(clock, ms, wait) });
    } finally {
      for (const end of ends.reverse()) await end();
    }
  };

const isPair = <T>(made: T | readonly [T, T]): made is readonly [T, T] => Array.isArray(made);

const TURNS = 5;

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function passTime(clock: ManualClock, ms: number, quiet: () => Promise<void>): Promise<void> {
  await quiet();
  for (let left = ms; left > 0;) {
    const step = Math.min(clock.nextTimerInMs ?? left, left);
    clock.advance(step);
    left -= step;
    await quiet();
  }
}

/** A small generator of numbers: Lehmer's, with the multiplier of "minimal standard". */
function seeded(): Random {
  const [factor, modulus] = [48_271, 2_147_483_647];
  let state = 1;
  return () => (state = (state * factor) % modulus) / modulus;
}
