/** How often each property is tried; `FC_RUNS` sets it. */
export const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 200) };
