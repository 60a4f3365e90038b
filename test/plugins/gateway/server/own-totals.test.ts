import { describe, expect, it } from '@jest/globals';
import { AbortError, GenerationError } from 'scriptorium';
import { OwnTotals } from '../../../../plugins/gateway/routes/own-totals.js';

const SPENT = { usd: 0.5, tokens: 5, promptTokens: 2, completionTokens: 3 };

describe('the totals of a key', () => {
  it('are its own, and begin with nothing', () => {
    const totals = new OwnTotals(0);
    totals.add('ada', { spent: SPENT, error: undefined, now: 0 });
    totals.add('ada', { spent: SPENT, error: undefined, now: 0 });
    expect({ ada: totals.of('ada'), bob: totals.of('bob') }).toMatchObject({
      ada: { requests: 2, successful: 2, tokens: { total: 10, prompt: 4, completion: 6 }, cost: { known: 1 } },
      bob: { requests: 0, successRate: 1, cost: { known: 0 }, startTime: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('count a generation whose client left, with its price, as neither a success nor a failure', () => {
    const totals = new OwnTotals(0);
    totals.add('ada', { spent: SPENT, error: new AbortError('The client has left.'), now: 0 });
    expect(totals.of('ada')).toMatchObject({
      requests: 1,
      successful: 0,
      failed: 0,
      cost: { known: 0.5 },
      recentErrors: [],
    });
  });

  it('keep the last 20 errors, and count them all', () => {
    const totals = new OwnTotals(0);
    for (let count = 1; count <= 25; count += 1)
      totals.add('ada', { spent: SPENT, error: new GenerationError('overloaded', `Failure ${count}.`), now: count });
    const { failed, recentErrors } = totals.of('ada');
    expect({ failed, kept: recentErrors.length, first: recentErrors[0], last: recentErrors.at(-1)?.message }).toEqual({
      failed: 25,
      kept: 20,
      first: { at: '1970-01-01T00:00:00.006Z', message: 'Failure 6.' },
      last: 'Failure 25.',
    });
  });
});
