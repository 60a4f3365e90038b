import { copyFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { audit, sqliteJournal } from 'scriptorium/plugins/runs';
import type { Finding } from 'scriptorium/plugins/runs';
import { ManualClock } from 'scriptorium/testing';
import { loadLibsql } from '../../../../plugins/runs/sqlite/libsql.js';
import { anEndedBatch } from './a-batch.js';
import { randomOf } from './tamper.js';
import { tamper } from './tamper-sqlite.js';

const CHANGES = 1_000;

describe('tampering with the SQLite file of a journal', () => {
  it(`is named ${CHANGES} times of ${CHANGES}`, async () => {
    const batch = await anEndedBatch();
    const { file, run, journal } = batch;
    await journal.close();
    const Libsql = await loadLibsql();
    const whole = new Libsql(file);
    whole.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    whole.close();
    const copy = `${file}.copy`;
    const found = async (): Promise<readonly Finding[]> => {
      const opened = await sqliteJournal(copy, { clock: new ManualClock() });
      return audit(opened, { run: run.id }).finally(() => opened.close());
    };
    copyFileSync(file, copy);
    expect(await found()).toEqual([]);

    const random = randomOf(1_128);
    const unnamed: unknown[] = [];
    const kinds = new Set<string>();
    for (let count = 0; count < CHANGES;) {
      copyFileSync(file, copy);
      const database = new Libsql(copy);
      database.exec('PRAGMA synchronous = OFF');
      const change = tamper(database, random);
      database.close();
      if (change === undefined) continue;
      count += 1;
      kinds.add(change.replace(/[:\d].*/, ''));
      if ((await found()).length === 0) unnamed.push(change);
    }
    expect(unnamed).toEqual([]);
    expect(kinds.size).toBeGreaterThan(30);
    await batch.close();
  });
});
