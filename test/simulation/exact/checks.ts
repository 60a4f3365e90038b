import type { World } from '../../../src/testing/simulation/world.js';

/** Compares what has happened in a world with what should have. */
export interface Checks {
  /** A violation unless the two are equal. */
  equal(about: string, found: unknown, expected: unknown): void;
  /** A violation unless the value lies between the two. */
  within(about: string, value: number | undefined, range: readonly [number, number]): void;
  /** A violation unless the condition holds; `found` is shown. */
  holds(about: string, condition: boolean, found: unknown): void;
}

/** Milliseconds are sums of fractions. */
const ROUNDING = 0.01;

/** The checks of one world. */
export function checksOf(world: World): Checks {
  return {
    equal: (about, found, expected) => {
      const [one, other] = [shown(found), shown(expected)];
      world.check(one === other, () => `${about}: ${one} in place of ${other}.`);
    },
    within: (about, value, [least, most]) => {
      const holds = value !== undefined && value >= least - ROUNDING && value <= most + ROUNDING;
      world.check(holds, () => `${about}: ${value} is not between ${least} and ${most}.`);
    },
    holds: (about, condition, found) => world.check(condition, () => `${about}: not so: ${JSON.stringify(found)}.`),
  };
}

/** As JSON, with what is undefined: a field that is left out is not one without a value. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part === undefined ? '(undefined)' : part));
}
