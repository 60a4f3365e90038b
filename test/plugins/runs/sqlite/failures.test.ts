import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../../../../plugins/runs/journal/journal.js';
import { RunError } from '../../../../plugins/runs/journal/run-error.js';
import { loadLibsql } from '../../../../plugins/runs/sqlite/libsql.js';
import type { Database } from '../../../../plugins/runs/sqlite/libsql.js';
import { sqliteJournal } from '../../../../plugins/runs/sqlite/sqlite-journal.js';
import { ManualClock } from '../../../../src/testing.js';
import { flushed } from '../../../support/flushed.js';
import { aFolder, aJournal, anItem, aSpec, claimed, RESULT, SOURCE } from './journals.js';

const folder = aFolder();
let files = 0;
const aFile = (): string => join(folder, `${(files += 1)}.db`);

/** The refusal by a call. @throws if the call succeeds, or fails otherwise */
async function refusal(call: Promise<unknown>): Promise<Pick<RunError, 'code' | 'message' | 'retryable'>> {
  const error: unknown = await call.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (!RunError.is(error)) throw error;
  return { code: error.code, message: error.message, retryable: error.retryable };
}

/** Another program that has the database open. */
async function anotherProgram(file: string): Promise<Database> {
  const Libsql = await loadLibsql();
  const database = new Libsql(file, { timeout: 0 });
  others.push(database);
  return database;
}

const others: Database[] = [];
const closeOthers = (): void => others.splice(0).forEach((database) => database.close());
afterEach(closeOthers);

/** A journal with a claimed item that has a text. */
async function started(file = aFile(), clock = new ManualClock()) {
  const journal = await aJournal(file, clock);
  await journal.createRun(aSpec([anItem('one')]));
  const { lease } = await claimed(journal);
  await journal.checkpoint(lease, { append: [{ at: 0, text: 'Hello', source: SOURCE }] });
  return { journal, lease, file, clock };
}

const end = { append: [{ at: 5, text: ' world', source: SOURCE }], result: RESULT, sha256: 's', words: 2 };

const textOf = async (journal: Journal) => (await journal.records('book')).map(({ state, text }) => ({ state, text }));

/** Lets time go on while calls wait for a lock. */
async function pass(clock: ManualClock, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    clock.advance(100);
    await flushed();
  }
}

describe('a journal that another program has locked', () => {
  it('waits by the clock, and commits when the lock is gone', async () => {
    const { journal, lease, file, clock } = await started();
    const other = await anotherProgram(file);
    other.exec('BEGIN IMMEDIATE');
    const commit = journal.commit(lease, end);
    await pass(clock, 50);
    expect(await textOf(journal)).toEqual([{ state: 'leased', text: 'Hello' }]);
    other.exec('COMMIT');
    clock.advance(100);
    await commit;
    expect(await textOf(journal)).toEqual([{ state: 'done', text: 'Hello world' }]);
  });

  it('refuses after ten seconds, has written nothing, and recovers', async () => {
    const { journal, lease, file, clock } = await started();
    const other = await anotherProgram(file);
    other.exec('BEGIN IMMEDIATE');
    const commit = refusal(journal.commit(lease, end));
    await pass(clock, 110);
    expect(await commit).toEqual({
      code: 'unavailable',
      message: `The journal ${file} is not available: database is locked. Another process has locked it. Wait until it is finished, or end it.`,
      retryable: true,
    });
    expect(await textOf(journal)).toEqual([{ state: 'leased', text: 'Hello' }]);
    other.exec('COMMIT');
    await journal.commit(lease, end);
    expect(await textOf(journal)).toEqual([{ state: 'done', text: 'Hello world' }]);
  });
});

describe('a journal whose file has changed', () => {
  it('refuses writes under leases of another file in its place', async () => {
    const { journal, lease, file } = await started();
    const otherFile = aFile();
    const other = await aJournal(otherFile);
    await other.createRun(aSpec([anItem('one')], { hash: 'h2' }));
    await other.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix);
    copyFileSync(otherFile, file);
    expect(await refusal(journal.commit(lease, end))).toMatchObject({ code: 'unavailable' });
    expect(await refusal(journal.commit(lease, end))).toMatchObject({ code: 'lease-lost' });
  });

  it.each([
    ['its head', [0, 100], 'file is not a database'],
    ['a page', [4_096, 60_000], 'database disk image is malformed'],
  ] as const)('refuses a file of which %s is damaged', async (_, [from, to], reason) => {
    const { journal, file } = await started();
    await journal.close();
    writeFileSync(file, readFileSync(file).fill(0xa5, from, to));
    const opened = sqliteJournal(file, { clock: new ManualClock() });
    expect(await refusal(opened.then((damaged) => damaged.records('book')))).toMatchObject({
      code: 'unavailable',
      message: `The journal ${file} is not available: ${reason}. Restore it from a copy, or use another path.`,
    });
  });
});

describe('a path that holds something else', () => {
  const opening = (file: string) => refusal(sqliteJournal(file, { clock: new ManualClock() }));

  it('is refused if it is a folder', async () => {
    expect(await opening(folder)).toMatchObject({
      code: 'unavailable',
      message: `The journal ${folder} is a folder. Name a file in it: ${folder}/runs.db`,
    });
  });

  it('is refused if it is not a database', async () => {
    const file = aFile();
    const diary = 'Dear diary, '.repeat(100);
    writeFileSync(file, diary);
    expect(await opening(file)).toMatchObject({
      code: 'unavailable',
      message: `The journal ${file} is not available: file is not a database. Restore it from a copy, or use another path.`,
    });
    expect(readFileSync(file, 'utf8')).toBe(diary);
  });

  it.each([
    ['with tables and no version', 'CREATE TABLE mine (a)'],
    ['with a version of its own', 'CREATE TABLE mine (a); PRAGMA user_version = 1'],
    ['with a mark of its own', 'PRAGMA application_id = 7'],
  ])('is refused if it is a database %s, which stays as it is', async (_, script) => {
    const file = aFile();
    (await anotherProgram(file)).exec(script);
    closeOthers();
    const before = readFileSync(file);
    expect(await opening(file)).toMatchObject({
      code: 'unavailable',
      message: `The file ${file} is a database of something else. Use another path for runs.`,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('is refused if it lies in a file', async () => {
    const file = aFile();
    writeFileSync(file, '');
    expect(await opening(join(file, 'runs.db'))).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Check the path, and that its folder exists and is writable.') as string,
    });
  });

  it('is refused where no folder can be made', async () => {
    expect(await opening('/proc/scriptorium/runs.db')).toMatchObject({ code: 'unavailable' });
  });

  it('is taken if it is an empty file', async () => {
    const file = aFile();
    writeFileSync(file, '');
    expect(await (await aJournal(file)).runs()).toEqual([]);
  });
});

describe('a program', () => {
  it('reads how to install libsql where it is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    expect(await refusal(loadLibsql(() => Promise.reject(missing)))).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('npm i libsql@0.5') as string,
    });
  });

  it('gets its own mistake back, and the journal goes on', async () => {
    const { journal, lease } = await started();
    const endless: { self?: object } = {};
    endless.self = endless;
    await expect(journal.fail(lease, { error: endless })).rejects.toBeInstanceOf(TypeError);
    await journal.commit(lease, end);
    expect(await textOf(journal)).toEqual([{ state: 'done', text: 'Hello world' }]);
  });
});

describe('a journal that is closed', () => {
  it('refuses every call, ends watches, and leaves no timer', async () => {
    const { journal, lease, clock } = await started();
    let isOver = false;
    journal.watch().subscribe({ complete: () => (isOver = true) });
    await journal.close();
    expect({ isOver, timers: clock.pending }).toEqual({ isOver: true, timers: 0 });
    expect(await refusal(journal.checkpoint(lease, {}))).toMatchObject({ code: 'unavailable' });
    await journal.close();
  });

  it('has everything in its file, which can be copied alone', async () => {
    const { journal, file } = await started();
    await journal.close();
    const copy = aFile();
    copyFileSync(file, copy);
    expect(await textOf(await aJournal(copy))).toEqual([{ state: 'leased', text: 'Hello' }]);
    expect(existsSync(`${file}-wal`) && readFileSync(`${file}-wal`).length > 0).toBe(false);
  });
});

it('sets no timer while nothing is written and nobody watches', async () => {
  const { journal, clock } = await started();
  clock.advance(1_000);
  await journal.status('book');
  const watching = journal.watch().subscribe();
  expect(clock.pending).toBe(1);
  watching.unsubscribe();
  expect(clock.pending).toBe(0);
});
