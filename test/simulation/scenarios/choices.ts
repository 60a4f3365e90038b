import type { Random } from '../../../src/core/clock.js';
import type { Reading } from '../generate.js';
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

/** True so often, 0 to 1. */
export function chance(random: Random, rate: number): boolean {
  return random() < rate;
}

/** Most readers stay to the end. */
export function readingOf(random: Random): Reading {
  const kind = random();
  if (kind < 0.9) return {};
  if (kind < 0.93) return { leaveAfterMs: wholeNumber(random, 0, 3_000), bySignal: chance(random, 0.5) };
  if (kind < 0.96) return { leaveAfterDeltas: wholeNumber(random, 1, 30), bySignal: chance(random, 0.5) };
  return { pauseMs: wholeNumber(random, 0, 40) };
}
