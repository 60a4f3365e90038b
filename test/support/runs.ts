/** How often a property is tried by default. `npm run properties` tries each more often; `FC_RUNS` sets it. */
const DEFAULT_RUNS = 50;

/** The number of runs of a property, or a share of it where one run takes long. */
export const runs = (share = 1): number => Math.ceil(Number(process.env['FC_RUNS'] ?? DEFAULT_RUNS) * share);

/** The options of a property for fast-check. */
export const RUNS = { numRuns: runs() };
