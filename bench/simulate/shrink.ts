/** The size of a world. */
export interface Candidate {
  readonly seed: number;
  readonly size: number;
  readonly days: number;
}

/** Runs a world and returns the digest of its trace, or undefined if it does not show the violation. */
export type Shows = (candidate: Candidate) => Promise<string | undefined>;

/** How many seeds are tried after the own one, where that no longer shows the violation. */
const NEIGHBOURS = 20;

/** No scenario has more than 1,024 generations at once to halve. */
const LEAST_SIZE = 1 / 1_024;

/**
 * Looks for the smallest world that still shows a violation: halves the size, then the days, as long as the violation
 * remains, by the same seed or by one of its neighbours. It ends early where halving changes nothing.
 */
export async function shrink(found: Candidate, shows: Shows): Promise<Candidate> {
  let smallest = found;
  let digest = await shows(found);
  for (const halved of [halfTheSize, halfTheDays]) {
    for (let next = halved(smallest); next !== undefined; next = halved(smallest)) {
      const smaller = await firstThat(shows, next);
      if (smaller === undefined || smaller.digest === digest) break;
      [smallest, digest] = [smaller.candidate, smaller.digest];
    }
  }
  return smallest;
}

function halfTheSize(candidate: Candidate): Candidate | undefined {
  const size = candidate.size / 2;
  return size < LEAST_SIZE ? undefined : { ...candidate, size };
}

function halfTheDays(candidate: Candidate): Candidate | undefined {
  return candidate.days <= 1 ? undefined : { ...candidate, days: Math.ceil(candidate.days / 2) };
}

/** The first of the neighbouring seeds that shows the violation. */
async function firstThat(shows: Shows, { seed, ...scale }: Candidate) {
  for (let offset = 0; offset <= NEIGHBOURS; offset += 1) {
    const candidate = { ...scale, seed: seed + offset };
    const digest = await shows(candidate);
    if (digest !== undefined) return { candidate, digest };
  }
  return undefined;
}
