/** How often a worker shows that it is there. */
export const BEAT_MS = 1_000;

/** A worker that was not seen for so long may be working with its share alone. */
export const SILENT_MS = 5_000;

/** For so long the share of a silent worker is set aside. */
export const HELD_MS = 150_000;

/** A worker that is alone admits nothing in the last part of that time, so that all that it has admitted is sent by then. */
export const LAST_SENDING_MS = 30_000;

/** How often a worker looks whether others on its machine have died. */
export const LOOK_MS = 2_000;

/** Clocks of machines differ in speed by less than this in that time. */
export const DRIFT_MS = 1_000;
