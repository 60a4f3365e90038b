import { describe, expect, it } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import type { ItemRecord } from '../../../plugins/runs/journal/item.js';
import { checkHistory, History, memoryJournal } from '../../../plugins/runs/testing/index.js';
import type { FinalRun } from '../../../plugins/runs/testing/index.js';
import {
  AGAIN,
  appendOf,
  attemptOf,
  claim,
  commitOf,
  LEASE_MS,
  queryOf,
  specOf,
  workerOf,
} from '../../../plugins/runs/testing/contract/builders.js';

interface Recorded {
  readonly history: History;
  readonly final: FinalRun;
}

/** Two items, two processes, a takeover, a voided text, and two commits. */
async function recorded(): Promise<Recorded> {
  const clock = new ManualClock();
  const store = memoryJournal({ clock });
  const history = new History();
  const [north, south] = [history.record(store, 'north'), history.record(store, 'south')];
  await north.createRun(specOf(['a', 'b'], { concurrency: 2, budgetUsd: 8 }));
  const first = await claim(north, 'a');
  await north.checkpoint(first.lease, { append: [appendOf(0, 'Wrong')], attempts: [attemptOf({ usd: 1 })] });
  await north.reset(first.lease, AGAIN);
  const second = await claim(north, 'a');
  await north.checkpoint(second.lease, { append: [appendOf(0, 'One ')] });
  const b = await claim(south, 'b');
  clock.advance(LEASE_MS);
  await south.renew(b.lease, LEASE_MS);
  const third = await claim(south, 'a', queryOf(workerOf('w2')));
  await north.checkpoint(second.lease, { append: [appendOf(4, 'two.')] }).catch(() => undefined);
  await south.checkpoint(third.lease, { append: [appendOf(4, 'two ')] });
  await south.commit(third.lease, commitOf('One two ', 'three.'));
  await south.commit(b.lease, commitOf('', 'Four.'));
  const run = await store.status('book');
  return { history, final: { run, records: await store.records('book') } };
}

function violations({ history, final }: Recorded): string {
  return checkHistory(history, final).join('\n');
}

/** The same end with other fields of the item "a". */
const withItem = ({ history, final }: Recorded, change: Partial<ItemRecord>): Recorded => ({
  history,
  final: { ...final, records: final.records.map((each) => (each.item === 'a' ? { ...each, ...change } : each)) },
});

describe('the check of a history', () => {
  it('finds nothing in the history of a journal that keeps its promises', async () => {
    expect(violations(await recorded())).toBe('');
  });

  it.each<[string, Partial<ItemRecord>, string]>([
    ['a lost commit', { state: 'ready' }, 'its commit is lost'],
    ['a replaced text', { text: 'One too three.' }, 'is lost or replaced'],
    ['a lost text', { text: 'One two ', bytes: 8 }, 'its text is not the committed one'],
    ['a doubled text', { text: 'One two two three.' }, 'is lost or replaced'],
    ['another hash', { sha256: 'f00' }, 'its hash is not the committed one'],
    ['a wrong number of words', { words: 4 }, 'its words are counted wrongly'],
    ['a gap between stretches', { spans: [] }, 'its stretches end at 0 of 14 bytes'],
  ])('names %s', async (_name, change, words) => {
    expect(violations(withItem(await recorded(), change))).toContain(words);
  });

  it('names a write that was accepted after another process had claimed the item', async () => {
    const result = await recorded();
    const refused = result.history.calls.find(({ outcome }) => outcome === 'refused');
    Object.assign(refused ?? {}, { outcome: 'ok' });
    expect(violations(result)).toContain('checkpoint with epoch 2 was accepted after its lease had ended');
  });

  it('names a write that was accepted from a process without the lease', async () => {
    const result = await recorded();
    for (const call of result.history.calls) if (call.method === 'commit') Object.assign(call, { client: 'north' });
    expect(violations(result)).toContain('commit with epoch 3 was accepted from another process');
  });

  it('names an epoch that was given twice, and a second commit', async () => {
    const result = await recorded();
    const { calls } = result.history;
    const again = calls.filter(
      ({ method, client }) => client === 'south' && (method === 'claim' || method === 'commit'),
    );
    calls.push(...again.map((call) => ({ ...call })));
    expect(violations(result)).toContain('epoch 3 was given twice');
    expect(violations(result)).toContain('it was committed twice');
  });

  it('names more owners than the concurrency, more held and more spent than the budget', async () => {
    const result = await recorded();
    const limits = { ...result.final.run.limits, concurrency: 1, budgetUsd: 0.5 };
    const found = violations({ ...result, final: { ...result.final, run: { ...result.final.run, limits } } });
    expect(found).toContain('2 items were in flight at once, of 1');
    expect(found).toContain('US dollars were held, of 0.5');
    expect(found).toContain('1 US dollars were spent, of 0.5');
  });

  it('does not take an owner that has fallen silent for one in flight', async () => {
    const clock = new ManualClock();
    const store = memoryJournal({ clock });
    const history = new History();
    const [north, south] = [history.record(store, 'north'), history.record(store, 'south')];
    await north.createRun(specOf([{ id: 'a' }, { id: 'b' }], { concurrency: 1, budgetUsd: 1 }));
    const { lease } = await claim(north, 'a');
    await north.checkpoint(lease, { attempts: [attemptOf({ usd: 2 })] });
    clock.advance(LEASE_MS);
    await south.claim(queryOf(workerOf('w2')));
    expect((await store.items('book')).map(({ state }) => state)).toEqual(['parked', 'parked']);
    await south.resume('book', { budgetUsd: 4 });
    await store.cancel('book', 'a');
    await claim(south, 'b', queryOf(workerOf('w2')));
    expect(checkHistory(history, { run: await store.status('book'), records: await store.records('book') })).toEqual(
      [],
    );
  });

  it('takes a call without an answer as one that may have been done', async () => {
    const result = await recorded();
    for (const call of result.history.calls)
      if (call.method === 'commit' || call.method === 'reset')
        Object.assign(call, { outcome: 'unknown', value: undefined });
    expect(violations(result)).toBe('');
    expect(violations(withItem(result, { state: 'ready' }))).toBe('');
  });
});
