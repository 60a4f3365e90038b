import type { SimulateOptions } from './arguments.js';
import type { Job } from './job.js';

/** A scenario, as far as its number of runs goes. */
export interface JobMarks {
  readonly name: string;
  readonly oneSeedIn?: number;
}

/**
 * All runs, seed by seed, so that a violation of any scenario shows early. A large scenario runs with one seed in several,
 * beginning with the first. The first seed runs twice, to compare the traces.
 */
export function jobsOf(
  { seeds, size, days, isRunTwice }: SimulateOptions,
  scenarios: readonly JobMarks[],
): readonly Job[] {
  const offsets = Array.from({ length: seeds.last - seeds.first + 1 }, (_, offset) => offset);
  return offsets.flatMap((offset) =>
    scenarios
      .filter(({ oneSeedIn = 1 }) => offset % oneSeedIn === 0)
      .map(({ name }) => ({
        ...{ scenario: name, seed: seeds.first + offset, size, days },
        isTwice: isRunTwice || offset === 0,
      })),
  );
}
