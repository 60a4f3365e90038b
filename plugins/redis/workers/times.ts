/** How often a worker shows that it is there. */
export const BEAT_MS = 1_000;

/** A worker that was not seen for so long may be working with its share alone. */
export const SILENT_MS = 5_000;

/** For so long a worker may work with its share alone, and its share is set aside for it. */
export const HELD_MS = 120_000;

/** Clocks of machines differ in speed by less than this in that time. */
export const DRIFT_MS = 1_000;
