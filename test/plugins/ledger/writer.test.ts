import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import { ledger } from 'scriptorium/plugins/ledger';
import { ManualClock, startEmulator } from 'scriptorium/testing';
import { entryOf } from '../../../plugins/ledger/entry.js';
import { loadLibsql } from '../../../plugins/ledger/libsql.js';
import { openToRead, openToWrite } from '../../../plugins/ledger/open.js';
import { decimalDollars, picoDollars } from '../../../plugins/ledger/pico-dollars.js';
import { MIGRATIONS } from '../../../plugins/ledger/schema.js';
import { LedgerWriter } from '../../../plugins/ledger/writer.js';
import { MemoryLogger } from '../../chain/observe/memory-logger.js';
import { failureOf, pipelineTo } from '../../support/pipelines.js';
import { anAttempt } from '../../stats/a-stat.js';
import { aLedgerFile, aPair, HOUR, NOON, reading, reportOf, written } from './ledgers.js';

const libsql = await loadLibsql();
const DAY = 24 * HOUR;

describe('the money of the ledger', () => {
  it.each([
    [0.1, 100_000_000_000],
    [0.1 + 0.2, 300_000_000_000],
    [1e-12, 1],
    [4e-13, 0],
    [1.25e-7, 125_000],
    [1234.5, 1_234_500_000_000_000],
    [Number.NaN, 0],
    [1e9, Number.MAX_SAFE_INTEGER],
  ])('takes %d as %d units', (dollars, units) => {
    expect(picoDollars(dollars)).toBe(units);
  });

  it.each([
    [0n, '0'],
    [1n, '0.000000000001'],
    [100_000_000_000n, '0.1'],
    [12_000_000_000_000n, '12'],
    [-1_500_000_000_000n, '-1.5'],
  ])('shows %d as %s', (units, text) => {
    expect(decimalDollars(units)).toBe(text);
  });

  it('is added exactly: ten thousand times 0.1 dollars are one thousand', async () => {
    const file = aLedgerFile();
    await written(
      file,
      Array.from({ length: 10_000 }, (_, index) => anAttempt({ generationId: `g${index}` })),
    );
    expect((await reportOf(file)).totals.cost.known).toBe(1_000_000_000_000_000n);
  });
});

describe('the file of the ledger', () => {
  it('takes the same batch twice without counting it twice', async () => {
    const file = aLedgerFile();
    await written(file, aPair('one', { labels: { book: 'ada' } }));
    await written(file, aPair('one', { labels: { book: 'ada' } }));
    expect((await reportOf(file)).totals).toMatchObject({ requests: 1, attempts: 1 });
  });

  it('loses what began before the days that are kept, and its labels, and nothing else', async () => {
    const file = aLedgerFile();
    await written(
      file,
      [
        ...aPair('old', { startedAt: NOON - 8 * DAY, labels: { book: 'ada' } }),
        ...aPair('young', { startedAt: NOON - 6 * DAY, labels: { book: 'ada' } }),
      ],
      { keepDays: 7 },
    );
    const ids = await reading(file, (_, database) =>
      [
        'SELECT id FROM generations',
        'SELECT generation_id AS id FROM attempts',
        'SELECT DISTINCT generation_id AS id FROM labels',
      ].map((sql) => database.prepare(sql).all()),
    );
    expect(ids).toEqual([[{ id: 'young' }], [{ id: 'young' }], [{ id: 'young' }]]);
  });

  it('keeps everything where no days are given', async () => {
    const file = aLedgerFile();
    await written(file, aPair('old', { startedAt: NOON - 3_650 * DAY }));
    expect((await reportOf(file)).totals.requests).toBe(1);
  });

  it('is begun anew after the batch that notices that it was taken away', async () => {
    const file = aLedgerFile();
    const writer = new LedgerWriter(libsql, { file, keepDays: 0, clock: new ManualClock() });
    const batch = aPair('one').map((stat) => entryOf(stat, NOON));
    writer.write(batch);
    for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`);
    expect(() => writer.write(batch)).toThrow('has been taken away');
    writer.write(batch);
    writer.close();
    expect((await reportOf(file)).totals.requests).toBe(1);
  });

  it.each([
    ['fails', 'FAIL', 0],
    ['is rolled back by SQLite itself, as when the disk is full', 'ROLLBACK', 0],
    ['fails while it is pruned', 'FAIL', 7],
  ])('takes the next batch after one that %s, and leaves it to others meanwhile', async (_, how, keepDays) => {
    const file = aLedgerFile();
    const writer = new LedgerWriter(libsql, { file, keepDays, clock: new ManualClock(NOON) });
    const batch = (id: string) => aPair(id).map((stat) => entryOf(stat, NOON));
    writer.write([...batch('one'), ...aPair('old', { startedAt: NOON - 6 * DAY }).map((stat) => entryOf(stat, NOON))]);
    const other = new libsql(file);
    const event = keepDays > 0 ? 'DELETE ON attempts' : 'INSERT ON attempts';
    other.exec(`CREATE TRIGGER fault BEFORE ${event} BEGIN SELECT RAISE(${how}, 'the disk is full'); END`);
    if (keepDays > 0) other.exec(`UPDATE attempts SET started_at = ${NOON - 8 * DAY} WHERE generation_id = 'old'`);
    for (let tries = 0; tries < 3; tries += 1) expect(() => writer.write(batch('two'))).toThrow('the disk is full');
    other.exec('BEGIN IMMEDIATE; DROP TRIGGER fault; COMMIT');
    writer.write(batch('two'));
    other.close();
    writer.close();
    expect((await reportOf(file)).totals).toMatchObject({ requests: 3, attempts: keepDays > 0 ? 2 : 3 });
  });

  it('is written by two at once', async () => {
    const file = aLedgerFile();
    const writers = [1, 2].map(() => new LedgerWriter(libsql, { file, keepDays: 0, clock: new ManualClock() }));
    for (let round = 0; round < 3; round += 1)
      writers.forEach((writer, index) => writer.write(aPair(`${index}-${round}`).map((stat) => entryOf(stat, NOON))));
    for (const writer of writers) writer.close();
    expect((await reportOf(file)).totals.requests).toBe(6);
  });

  it('takes half characters and NUL as a mark, and labels as they are', async () => {
    const file = aLedgerFile();
    await written(file, aPair('one', { model: 'a\ud83db\0', labels: { __proto__x: "'; DROP TABLE labels; --" } }));
    const { groups } = await reportOf(file);
    expect(groups.map(({ names: [name] }) => name)).toEqual(['a\ufffdb\ufffd']);
    expect(await reading(file, (reader) => reader.labelNames(0))).toEqual(['__proto__x']);
  });

  it('is brought forward by the steps that are missing', () => {
    const file = aLedgerFile();
    openToWrite(libsql, file).close();
    const forward = openToWrite(libsql, file, [...MIGRATIONS, 'ALTER TABLE generations ADD COLUMN remark TEXT']);
    expect(forward.prepare('SELECT COUNT(remark) AS remarks FROM generations').all()).toEqual([{ remarks: 0 }]);
    forward.close();
    expect(() => openToWrite(libsql, file)).toThrow(
      /is of version 2, this program knows 1: install a newer scriptorium/,
    );
  });

  it('stays as it was where a step fails', () => {
    const file = aLedgerFile();
    openToWrite(libsql, file).close();
    expect(() => openToWrite(libsql, file, [...MIGRATIONS, 'CREATE TABLE half (x TEXT)', 'NO SQL'])).toThrow(
      /syntax error/,
    );
    const database = openToWrite(libsql, file);
    expect(database.prepare('SELECT name FROM sqlite_schema WHERE name = ?').all('half')).toEqual([]);
    database.close();
  });

  it('is refused where it is another database, or none, and is not made by who reads', () => {
    const [other, text, missing] = [aLedgerFile(), aLedgerFile(), aLedgerFile()];
    const database = new libsql(other);
    database.exec('CREATE TABLE theirs (x TEXT)');
    database.close();
    writeFileSync(text, 'not a database, but long enough to be taken for the head of one: '.repeat(20));
    expect(() => openToWrite(libsql, other)).toThrow('is a database, but no ledger');
    expect(() => openToRead(libsql, other)).toThrow('no ledger');
    expect(() => openToWrite(libsql, text)).toThrow(/not a database/);
    expect(() => openToRead(libsql, missing)).toThrow('There is no ledger');
    expect(existsSync(missing)).toBe(false);
  });
});

describe('the plugin ledger', () => {
  it('says what to install where libsql is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadLibsql(() => Promise.reject(missing))).rejects.toThrow(
      'The plugin "ledger" needs the package libsql, which is not installed: npm i libsql@0.5',
    );
  });

  it('tells at the start that its file is no ledger', async () => {
    const file = aLedgerFile();
    writeFileSync(file, 'not a database, but long enough to be taken for the head of one: '.repeat(20));
    expect(await failureOf(pipelineTo('http://127.0.0.1:1', {}, { plugins: [ledger({ file })] }))).toMatchObject({
      code: 'configuration',
    });
  });

  it('fails no generation where it cannot write, and says at the end what was lost', async () => {
    const [emulator, logger, file] = [await startEmulator(), new MemoryLogger(), aLedgerFile()];
    const pipeline = await pipelineTo(
      emulator.url,
      {},
      {
        plugins: [ledger({ file, everyMs: 60_000 })],
        register: (container) => void container.register(tokens.LOGGER, { useValue: logger }),
      },
    );
    const database = new libsql(file);
    database.exec('CREATE TABLE theirs (x TEXT)');
    database.close();
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
    await pipeline.dispose();
    await emulator.close();
    expect(logger.messages.at(-1)).toBe('warn: stat sink "ledger" lost 2 of 2 records in total');
  });
});
