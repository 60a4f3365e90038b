import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { simulate } from 'scriptorium/testing';
import { runs } from '../../support/runs.js';
import { writeSimulated } from './simulated-book.js';
import type { SimulatedBook } from './simulated-book.js';

const BOOK: SimulatedBook = {
  input: {
    subject: 'Ada Lovelace',
    chapters: 20,
    words: 20 * 300,
    sections: ['prologue', 'epilogue'],
    layout: 'bookgen',
  },
  model: 'scriptorium/author:free',
  vendor: { limits: { requestsPerDay: 5, requestsPerMinute: 20 }, faults: { rate: 0.2 } } as SimulatedBook['vendor'] &
    object,
};

const DAY_MS = 86_400_000;

describe('a book of twenty chapters over many days of a free tier', () => {
  it('is the same however often its process is killed, and no file changes once it is there', async () => {
    const { value: calm } = await simulate({ seed: 1 }, (world) => writeSimulated(world, { ...BOOK, vendor: {} }));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(fc.oneof(fc.integer({ min: 10, max: 60_000 }), fc.integer({ min: 10, max: DAY_MS })), {
          minLength: 5,
          maxLength: 25,
        }),
        async (seed, killsAfterMs) => {
          const { value } = await simulate({ seed }, (world) => writeSimulated(world, { ...BOOK, killsAfterMs }));
          expect(value.end.state).toBe('done');
          expect([...value.files].filter(isRead)).toEqual([...calm.files].filter(isRead));
          expect([...value.versions].filter(isRead).filter(([, texts]) => texts.length > 1)).toEqual([]);
        },
      ),
      { numRuns: runs(0.06) },
    );
  });
});

/** What readers see, and BookGen. */
function isRead([path]: readonly [string, unknown]): boolean {
  return !path.startsWith('.scriptorium/');
}
