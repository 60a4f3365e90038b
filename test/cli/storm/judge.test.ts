import { describe, expect, it } from '@jest/globals';
import { judge } from '../../../src/cli/storm/judge.js';
import { isIdentical, NO_RESULTS, spentOn, withChapter } from '../../../src/cli/storm/tally.js';

const BOOK = 'Call me Ishmael. Some years ago I went to sea.';

describe('the verdict on a chapter', () => {
  it.each([
    ['exact', BOOK],
    ['cut', 'Call me Ishmael.'],
    ['cut', ''],
    ['doubled', BOOK + BOOK],
    ['doubled', `${BOOK} `],
    ['doubled', 'Call me Ishmael. Call me Ishmael. Some years ago I went to sea.'],
    ['doubled', 'Call me Some years ago'],
    ['failed', undefined],
  ] as const)('is %s for %j', (verdict, saved) => expect(judge(saved, BOOK)).toBe(verdict));
});

describe('the tokens of a chapter', () => {
  const request = (text: string, tokens: number, isFaulty = true) => ({ text, tokens, isFaulty });

  it('are all paid once where one answer brought it', () => {
    expect(spentOn({ expected: 'a b c d', saved: 'a b c d', requests: [request('a b c d', 4, false)] })).toEqual({
      requests: 1,
      faultyRequests: 0,
      paidTokens: 4,
      twiceTokens: 0,
    });
  });

  it('are paid twice where it began again', () => {
    expect(
      spentOn({ expected: 'a b c d', saved: 'a b c d', requests: [request('a b c', 3), request('a b c d', 4, false)] }),
    ).toMatchObject({ faultyRequests: 1, paidTokens: 7, twiceTokens: 3 });
  });

  it('are paid once where it went on', () => {
    expect(
      spentOn({ expected: 'a b c d', saved: 'a b c d', requests: [request('a b', 2), request(' c d', 2, false)] }),
    ).toMatchObject({ paidTokens: 4, twiceTokens: 0 });
  });

  it('count up to the furthest point where nothing was saved', () => {
    expect(
      spentOn({
        expected: 'a b c d',
        saved: undefined,
        requests: [request('a', 1), request('a b c', 3), request('a b', 2)],
      }),
    ).toMatchObject({ paidTokens: 6, twiceTokens: 3 });
  });
});

describe('a tally', () => {
  const spent = { requests: 2, faultyRequests: 1, paidTokens: 10, twiceTokens: 4 };

  it('adds up chapters', () => {
    const tally = withChapter(withChapter(NO_RESULTS, 'exact', spent), 'cut', spent);
    expect(tally).toEqual({
      verdicts: { exact: 1, cut: 1, doubled: 0, failed: 0 },
      requests: 4,
      faultyRequests: 2,
      paidTokens: 20,
      twiceTokens: 8,
    });
  });

  it('is identical to the book while every chapter is', () => {
    const exact = withChapter(NO_RESULTS, 'exact', spent);
    expect(
      [
        NO_RESULTS,
        exact,
        ...(['cut', 'doubled', 'failed'] as const).map((verdict) => withChapter(exact, verdict, spent)),
      ].map(isIdentical),
    ).toEqual([false, true, false, false, false]);
  });
});
