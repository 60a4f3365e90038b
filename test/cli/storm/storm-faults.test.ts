import { describe, expect, it } from '@jest/globals';
import { stormFault } from '../../../src/cli/storm/storm-faults.js';

const faultOf = (chapter: number, { seed = 1, earlier = 0 } = {}) =>
  stormFault({ seed, chapter, earlier, deltas: 200 });
const chapters = Array.from({ length: 40 }, (_, index) => index + 1);

describe('the faults of a storm', () => {
  it.each([0, 1, 2])('strike 40 %% of the requests number %i, two in five chapters', (earlier) => {
    const struck = chapters.map((chapter) => faultOf(chapter, { earlier }) !== undefined);
    for (let first = 0; first < 40; first += 5) expect(struck.slice(first, first + 5).filter(Boolean)).toHaveLength(2);
  });

  it('are the same for the same seed, chapter and request, and others for another seed', () => {
    expect(chapters.map((chapter) => faultOf(chapter))).toEqual(chapters.map((chapter) => faultOf(chapter)));
    expect(chapters.map((chapter) => faultOf(chapter, { seed: 2 }))).not.toEqual(
      chapters.map((chapter) => faultOf(chapter)),
    );
  });

  it('are of every kind', () => {
    const kinds = Array.from({ length: 50 }, (_, seed) =>
      chapters.map((chapter) => Object.keys(faultOf(chapter, { seed }) ?? {})[0]),
    ).flat();
    expect(new Set(kinds)).toEqual(
      new Set([
        undefined,
        'status',
        'reset',
        'fin',
        'stall',
        'truncate',
        'garbage',
        'errorChunk',
        'empty',
        'capTokens',
      ]),
    );
  });
});
