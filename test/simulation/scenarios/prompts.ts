import type { Random } from '../../../src/core/clock.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';

/** Texts are remembered by the emulator, so a world has few prompts. */
const PROMPTS = 40;

/** One of the prompts of a world. */
export function promptOf(random: Random): string {
  return `Write page ${wholeNumber(random, 1, PROMPTS)} of the life of Ada Lovelace.`;
}

/** A model that joins in one of the emulator's ways. */
export function modelOf(random: Random): string {
  return oneOf(random, [
    'scriptorium/exact',
    'scriptorium/exact',
    'scriptorium/moby-dick',
    'scriptorium/starts-over',
    'scriptorium/repeats-last-sentence',
    'scriptorium/chats-first',
    'scriptorium/paraphrases-the-joint',
  ]);
}
