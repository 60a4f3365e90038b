import { describe, expect, it } from '@jest/globals';
import { audit } from 'scriptorium/plugins/runs';
import { loadLibsql } from '../../../../plugins/runs/sqlite/libsql.js';
import { anEndedBatch } from './a-batch.js';
import { randomOf } from './tamper.js';
import { tampering } from './tamper-sqlite.js';
import type { SqliteTampering } from './tamper-sqlite.js';

/** Makes a change, unless a constraint of the database refuses it. */
function isPossible({ make }: SqliteTampering): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

describe('tampering with the SQLite file of a journal', () => {
  it('is named 1,000 times of 1,000', async () => {
    const batch = await anEndedBatch();
    const { journal, run } = batch;
    const database = new (await loadLibsql())(batch.file);
    database.exec('PRAGMA synchronous = OFF');
    const random = randomOf(1_128);
    const unnamed: unknown[] = [];
    const kinds = new Set<string>();
    for (let count = 0; count < 1_000;) {
      const change = tampering(database, random);
      if (change === undefined || !isPossible(change)) continue;
      count += 1;
      kinds.add(change.name.replace(/[ :].*/, ''));
      const findings = await audit(journal, { run: run.id }).catch((error: unknown) => error);
      if (!Array.isArray(findings) || findings.length === 0) unnamed.push({ change: change.name, findings });
      change.undo();
    }
    expect(unnamed).toEqual([]);
    expect(kinds.size).toBeGreaterThan(35);
    expect(await audit(journal, { run: run.id })).toEqual([]);
    database.close();
    await batch.close();
  });
});
