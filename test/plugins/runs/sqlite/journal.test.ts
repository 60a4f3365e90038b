import { join } from 'node:path';
import { aFolder, aJournal, anItem, aSpec, claimed, RESULT, SOURCE } from './journals.js';

const folder = aFolder();

describe('a journal in SQLite', () => {
  it('keeps an item from its claim to its commit, and wakes its dependant', async () => {
    const journal = await aJournal(join(folder, 'a/b/runs.db'));
    await journal.createRun(aSpec([anItem('one'), anItem('two', { after: ['one'] })]));
    const { lease } = await claimed(journal);
    await journal.checkpoint(lease, {
      append: [{ at: 0, text: 'Hello', source: SOURCE }],
      attempts: [
        {
          ...SOURCE,
          outcome: 'running',
          usage: { inputTokens: 1, outputTokens: 2, estimatedCostUsd: 0.1, source: 'estimated' },
        },
      ],
    });
    await journal.commit(lease, {
      append: [{ at: 5, text: ' world', source: SOURCE }],
      attempts: [
        { ...SOURCE, outcome: 'success', usage: { inputTokens: 1, outputTokens: 3, costUsd: 0.2, source: 'reported' } },
      ],
      result: RESULT,
      sha256: 'abc',
      words: 2,
    });
    expect(await journal.records('book')).toMatchObject([
      {
        item: 'one',
        state: 'done',
        text: 'Hello world',
        spans: [{ ...SOURCE, from: 0, to: 11 }],
        result: RESULT,
        cost: { known: 0.2, estimated: 0, unmeasuredAttempts: 0 },
        outputTokens: 3,
        records: [{ ...SOURCE, outcome: 'success' }],
      },
      { item: 'two', state: 'ready', after: ['one'] },
    ]);
    expect(await journal.status('book')).toMatchObject({
      items: { done: 1, ready: 1 },
      words: 2,
      cost: { known: 0.2 },
    });
    const second = await claimed(journal);
    await journal.commit(second.lease, { result: RESULT, sha256: 'd', words: 0 });
    expect((await journal.status('book')).state).toBe('done');
  });
});
