import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { loadLibsql } from '../../../../plugins/runs/sqlite/libsql.js';
import { ManualClock } from '../../../../src/testing.js';
import { aFolder, aJournal, anItem, aSpec, aWorker, claimed } from './journals.js';

const file = join(aFolder(), 'runs.db');
const START = Date.UTC(2026, 0, 1);

describe('a claim that has waited for the lock of another process', () => {
  it('leaves a lease alone that was given while it waited', async () => {
    const late = new ManualClock(START);
    const waiting = await aJournal(file, late);
    const other = await aJournal(file, new ManualClock(START + 5));
    await waiting.createRun(aSpec([anItem('one')]));
    const Database = await loadLibsql();
    const lock = new Database(file, { timeout: 0 });
    lock.exec('BEGIN IMMEDIATE');
    const claim = waiting.claim({ worker: aWorker('late'), leaseMs: 30_000 });
    await setImmediate(); // It has found the lock.
    lock.exec('ROLLBACK');
    lock.close();
    const { lease } = await claimed(other, aWorker('first'));
    late.advance(100);
    expect(await claim).toEqual({ type: 'nothing', isBusy: true, retryInMs: 29_905 });
    await expect(other.renew(lease, 30_000)).resolves.toBeUndefined();
  });
});
