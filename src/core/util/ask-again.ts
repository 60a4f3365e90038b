import type { Random } from '../clock.js';

/** A part that lives elsewhere and gives no time, or no answer, is asked again after this time. */
export const ASK_AGAIN_MS = 1_000;

/** Waits for such a part are lengthened by up to this share, so that processes do not return at one instant. */
const SPREAD = 0.1;

/** Lengthens a wait at random. */
export function spread(ms: number, random: Random): number {
  return ms * (1 + random() * SPREAD);
}
