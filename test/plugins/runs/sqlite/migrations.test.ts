import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadLibsql } from '../../../../plugins/runs/sqlite/libsql.js';
import type { Database } from '../../../../plugins/runs/sqlite/libsql.js';
import { openFile } from '../../../../plugins/runs/sqlite/open.js';
import { MIGRATIONS } from '../../../../plugins/runs/sqlite/schema.js';
import { sqliteJournal } from '../../../../plugins/runs/sqlite/sqlite-journal.js';
import { ManualClock } from '../../../../src/testing.js';
import { aFolder, aJournal, aWorker, claimed, RESULT } from './journals.js';

const folder = aFolder();
const Libsql = await loadLibsql();
let files = 0;

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** A journal as a version of the program has left it. */
function oldFile(version: number): string {
  const file = join(folder, `${(files += 1)}.db`);
  using(new Libsql(file, { timeout: 0 }), (database) => database.exec(fixture(`version-${version}.sql`)));
  return file;
}

function using<T>(database: Database, work: (database: Database) => T): T {
  try {
    return work(database);
  } finally {
    database.close();
  }
}

const valueOf = (database: Database, query: string): unknown =>
  Object.values((database.prepare(query).all([]) as readonly object[])[0] ?? {})[0];

describe('a journal of an older version', () => {
  it.each(MIGRATIONS.map((_, index) => index + 1))('%i is read, and its run goes on', async (version) => {
    const clock = new ManualClock(Date.UTC(2026, 0, 2));
    const journal = await aJournal(oldFile(version), clock);
    const { run, items } = JSON.parse(fixture(`version-${version}.json`)) as Readonly<Record<'run' | 'items', unknown>>;
    expect({ run: await journal.status('book'), items: await journal.records('book') }).toEqual({ run, items });
    const { lease, text } = await claimed(journal, aWorker('later'));
    expect({ item: lease.item, epoch: lease.epoch, text }).toEqual({ item: 'two', epoch: 2, text: 'Then' });
    await journal.commit(lease, { result: RESULT, sha256: 's', words: 1 });
    expect(await journal.status('book')).toMatchObject({ items: { done: 2, parked: 1, ready: 1 }, words: 6 });
  });
});

describe('a journal of a newer version', () => {
  it('is refused, and stays as it is', async () => {
    const file = oldFile(1);
    const version = MIGRATIONS.length + 1;
    using(new Libsql(file, { timeout: 0 }), (database) => database.exec(`PRAGMA user_version = ${version}`));
    const before = readFileSync(file);
    await expect(sqliteJournal(file, { clock: new ManualClock() })).rejects.toMatchObject({
      code: 'newer-journal',
      message: `The journal ${file} has version ${version}, and this program knows up to ${version - 1}. Install the newer scriptorium that wrote it, or use another path.`,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('the steps to a newer version', () => {
  const added = [...MIGRATIONS, 'ALTER TABLE runs ADD COLUMN colour TEXT'];

  it('run once, and keep what is there', () => {
    const file = oldFile(1);
    for (let time = 0; time < 2; time += 1) {
      const found = using(openFile(Libsql, file, added), (database) => ({
        version: valueOf(database, 'PRAGMA user_version'),
        colour: valueOf(database, 'SELECT colour FROM runs'),
        items: valueOf(database, 'SELECT COUNT(*) FROM items'),
      }));
      expect(found).toEqual({ version: added.length, colour: null, items: 4 });
    }
  });

  it('leave the old version if one of them fails', () => {
    const file = oldFile(1);
    expect(() => openFile(Libsql, file, [...added, 'ALTER TABLE missing ADD COLUMN a'])).toThrow('no such table');
    using(new Libsql(file, { timeout: 0 }), (database) => {
      expect(valueOf(database, 'PRAGMA user_version')).toBe(1);
      expect(() => valueOf(database, 'SELECT colour FROM runs')).toThrow('no such column');
    });
  });
});
