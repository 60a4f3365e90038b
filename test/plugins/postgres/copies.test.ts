import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import { audit, sqliteJournal } from '../../../plugins/runs/index.js';
import type { Journal, RunCopy } from '../../../plugins/runs/index.js';
import {
  AGAIN,
  appendOf,
  attemptOf,
  claim,
  commitOf,
  ERROR,
  sourceOf,
  specOf,
} from '../../../plugins/runs/testing/contract/builders.js';
import { describeWith } from '../../support/services/needs.js';
import { clockedDatabase } from './journals.js';
import type { ClockedDatabase } from './journals.js';

describeWith(['postgresql'], 'a run that is copied between journals', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-copies-'));
  let database: ClockedDatabase;
  let clock: ManualClock;
  let files = 0;
  const open: Journal[] = [];
  beforeAll(async () => {
    database = await clockedDatabase();
  });
  beforeEach(async () => {
    clock = new ManualClock(Date.UTC(2026, 0, 1));
    await database.empty();
  });
  afterEach(() => Promise.all(open.splice(0).map((journal) => journal.close())));
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.remove();
  });

  async function inFile(): Promise<Journal> {
    const journal = await sqliteJournal(join(folder, `${(files += 1)}.db`), { clock });
    open.push(journal);
    return journal;
  }

  async function onPostgres(): Promise<Journal> {
    const journal = await database.open({ clock });
    open.push(journal);
    return journal;
  }

  async function copied(from: Journal, to: Journal): Promise<Journal> {
    await to.addRun?.((await from.copyRun?.('book')) as RunCopy);
    return to;
  }

  const shown = async (journal: Journal) => ({ runs: await journal.runs(), records: await journal.records('book') });

  /** A run with an item in every state but `leased`, with voided, lost and continued texts. */
  async function fill(journal: Journal): Promise<void> {
    const others = [
      'b',
      'c',
      { id: 'd', after: ['b'] },
      { id: 'e', after: ['c'] },
      { id: 'f', isPriced: false },
      'g',
      'h',
    ];
    const items = [{ id: 'a', data: { place: 1 } }, ...others, { id: 'i', after: ['a', 'g'] }];
    await journal.createRun(specOf(items, { concurrency: 20, budgetUsd: 50, labels: { book: 'ada' }, data: [1] }));
    const [a, b, c, g, h] = [
      await claim(journal, 'a'),
      await claim(journal, 'b'),
      await claim(journal, 'c'),
      await claim(journal, 'g'),
      await claim(journal, 'h'),
    ];
    clock.advance(5);
    const appends = [appendOf(0, 'Größe\u0000 '), appendOf(9, 'zwei', sourceOf('g2', 2))];
    const attempts = [attemptOf({ usd: 0.25 }), attemptOf({ ...sourceOf('g2', 2), estimatedUsd: 0.1 })];
    await journal.commit(a.lease, { ...commitOf('Größe\u0000 zwei'), append: appends, attempts });
    await journal.fail(b.lease, { error: ERROR, append: [appendOf(0, 'Half')], attempts: [attemptOf()] });
    await journal.park(c.lease, { reason: 'quota', forMs: 60_000, append: [appendOf(0, 'Begun')], attempts });
    await journal.reset(g.lease, { ...AGAIN, append: [appendOf(0, 'Wrong')], attempts });
    await journal.park(h.lease, { reason: 'budget', needsUsd: 7.5, attempts: [attemptOf({ outcome: 'running' })] });
    await journal.cancel('book', 'e');
  }

  it('is the same in the other journal, from a file to PostgreSQL and back', async () => {
    const file = await inFile();
    await fill(file);
    const before = await shown(file);
    const postgres = await copied(file, await onPostgres());
    expect(await shown(postgres)).toEqual(before);
    expect(await audit(postgres, { run: 'book' })).toEqual([]);
    const back = await copied(postgres, await inFile());
    expect(await shown(back)).toEqual(before);
    expect(await audit(back, { run: 'book' })).toEqual([]);
  });

  it('goes on there as it would have here', async () => {
    const file = await inFile();
    await fill(file);
    const postgres = await copied(file, await onPostgres());
    const steps = async (journal: Journal): Promise<unknown> => {
      const f = await claim(journal, 'f');
      await journal.fail(f.lease, { error: ERROR, attempts: [attemptOf({ usd: 1 })] });
      const g = await claim(journal, 'g');
      await journal.commit(g.lease, commitOf('', 'Right.', { attempts: [attemptOf({ usd: 0.5 })] }));
      const h = await claim(journal, 'h');
      await journal.release(h.lease);
      await journal.resume('book', { concurrency: 1 });
      const b = await claim(journal, 'b');
      await journal.commit(b.lease, commitOf(b.text, ' and whole.'));
      return { claims: [f, g, h, b], ...(await shown(journal)), findings: await audit(journal, { run: 'book' }) };
    };
    const expected = await steps(file);
    expect(await steps(postgres)).toEqual(expected);
    expect(expected).toMatchObject({ findings: [] });
  });

  it('is refused where a run of its name or its id is, and changes nothing', async () => {
    const file = await inFile();
    await fill(file);
    const copy = (await file.copyRun?.('book')) as RunCopy;
    for (const journal of [await onPostgres(), await inFile()]) {
      await copied(file, journal);
      const before = await shown(journal);
      const refusal = {
        code: 'changed-spec',
        message: 'The journal has the run "book" already. Remove it there, or leave it.',
      };
      await expect(journal.addRun?.(copy)).rejects.toMatchObject(refusal);
      await expect(journal.addRun?.({ ...copy, run: { ...copy.run, name: 'other' } })).rejects.toMatchObject(refusal);
      await expect(journal.addRun?.({ ...copy, run: { ...copy.run, id: 'other' } })).rejects.toMatchObject(refusal);
      expect(await shown(journal)).toEqual(before);
    }
  });
});
