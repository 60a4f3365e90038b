import { join } from 'node:path';
import { aFolder, aJournal, anItem, aSpec, claimed, LIMITS, RESULT, SOURCE } from './journals.js';

const folder = aFolder();
const END = { result: RESULT, sha256: 's', words: 1 };
const at = (place: number, text: string) => ({ append: [{ at: place, text, source: SOURCE }] });

describe('writes of one turn of the event loop', () => {
  it('end each by itself, though they share a transaction', async () => {
    const journal = await aJournal(join(folder, 'shared.db'));
    const items = ['one', 'two', 'three'].map((id) => anItem(id));
    await journal.createRun(aSpec(items, { limits: { ...LIMITS, concurrency: 3 } }));
    const [one, two, three] = [await claimed(journal), await claimed(journal), await claimed(journal)];
    const outcomes = await Promise.allSettled([
      journal.checkpoint(one.lease, at(0, 'First')),
      journal.checkpoint(two.lease, at(7, 'a gap')),
      journal.commit({ ...three.lease, epoch: 7 }, END),
      journal.checkpoint(one.lease, at(5, ' and more')),
      journal.commit(one.lease, END),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'wrong-offset' } },
      { status: 'rejected', reason: { code: 'lease-lost' } },
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
    expect(await journal.records('book')).toMatchObject([
      { item: 'one', state: 'done', text: 'First and more', bytes: 14 },
      { item: 'two', state: 'leased', text: '', bytes: 0 },
      { item: 'three', state: 'leased', text: '', bytes: 0 },
    ]);
  });

  it('are there after the journal was closed in the same turn', async () => {
    const file = join(folder, 'closed.db');
    const journal = await aJournal(file);
    await journal.createRun(aSpec([anItem('one')]));
    const { lease } = await claimed(journal);
    await Promise.all([journal.checkpoint(lease, at(0, 'Hello')), journal.close()]);
    expect(await (await aJournal(file)).records('book')).toMatchObject([{ item: 'one', text: 'Hello' }]);
  });
});

describe('the text of an item', () => {
  it('is read whole where chunks of other items lie between its own, and again after a reset', async () => {
    const journal = await aJournal(join(folder, 'between.db'));
    await journal.createRun(aSpec([anItem('one'), anItem('two')]));
    const [one, two] = [await claimed(journal), await claimed(journal)];
    for (const [index, letter] of ['a', 'b', 'c'].entries())
      for (const { lease } of [one, two])
        await journal.checkpoint(lease, at(index, lease.item === 'one' ? letter : 'z'));
    expect(await journal.records('book')).toMatchObject([{ text: 'abc' }, { text: 'zzz' }]);
    await journal.reset(one.lease, { error: {}, retryInMs: 0 });
    const again = await claimed(journal);
    expect(again).toMatchObject({ lease: { item: 'one' }, text: '', bytes: 0 });
    await journal.checkpoint(again.lease, at(0, 'new'));
    expect(await journal.records('book')).toMatchObject([{ text: 'new' }, { text: 'zzz' }]);
  });
});
