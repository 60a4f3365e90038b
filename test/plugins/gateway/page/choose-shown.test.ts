import { describe, expect, it } from '@jest/globals';
import { chooseShown } from '../../../../plugins/gateway/page/feed/choose-shown.js';
import { LiveGeneration } from '../../../../plugins/gateway/page/feed/live-generation.js';
import { observed, start, words } from './a-page.js';

/** A generation that last wrote at some time, if it has written. */
function generation(id: string, wroteAt?: number): LiveGeneration {
  const live = new LiveGeneration(observed(id, start()), { at: 0, begunAt: 0 });
  live.take(start(), 0);
  if (wroteAt !== undefined) {
    live.take(words('x'), 0);
    live.measure(wroteAt, 1_000);
  }
  return live;
}

const many = (count: number, name: string, wroteAt?: number): LiveGeneration[] =>
  Array.from({ length: count }, (_, index) => generation(`${name}${index}`, wroteAt));
const ids = (generations: readonly LiveGeneration[]): readonly string[] => generations.map(({ facts }) => facts.id);

describe('the choice of rows', () => {
  it('draws all where there is room: those with text first, then the newest', () => {
    const live = [generation('a', 1), generation('b'), generation('c', 1), generation('d')];
    expect(ids(chooseShown(live, new Set(), 0))).toEqual(['c', 'a', 'd', 'b']);
  });

  it('draws 50 of many, and those that write before those that wait', () => {
    const live = [...many(10, 'writes', 9_000), ...many(200, 'waits')];
    const shown = ids(chooseShown(live, new Set(), 10_000));
    expect(shown).toHaveLength(50);
    expect(shown.filter((id) => id.startsWith('writes'))).toHaveLength(10);
    expect(shown.slice(10)).toEqual(ids(live.slice(-40).toReversed()));
  });

  it('keeps a row while its generation writes, whatever begins after it', () => {
    const first = many(50, 'first', 9_000);
    const shown = chooseShown(first, new Set(), 10_000);
    const after = chooseShown([...first, ...many(100, 'later', 9_900)], new Set(shown), 10_000);
    expect(after).toEqual(shown);
  });

  it('gives the row of a silent generation to one that writes', () => {
    const [silent, writing] = [many(50, 'silent', 1_000), generation('writing', 9_900)];
    const shown = ids(chooseShown([...silent, writing], new Set(silent), 10_000));
    expect(shown).toHaveLength(50);
    expect(shown[0]).toBe('writing');
  });
});
