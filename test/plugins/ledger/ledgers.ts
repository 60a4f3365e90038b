import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import type { Stat } from 'scriptorium/plugin';
import { entryOf } from '../../../plugins/ledger/entry.js';
import { loadLibsql } from '../../../plugins/ledger/libsql.js';
import type { Database } from '../../../plugins/ledger/libsql.js';
import { openToRead } from '../../../plugins/ledger/open.js';
import { LedgerReader } from '../../../plugins/ledger/report/ledger-reader.js';
import { readReport } from '../../../plugins/ledger/report/report.js';
import type { Report, ReportQuery } from '../../../plugins/ledger/report/report.js';
import { tablesOf } from '../../../plugins/ledger/sqlite-store.js';
import { LedgerWriter } from '../../../plugins/ledger/writer.js';
import { aGeneration, anAttempt } from '../../stats/a-stat.js';

const folders: string[] = [];

/** A path in a new folder, which is taken away after the test. */
export function aLedgerFile(name = 'ledger.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-ledger-'));
  folders.push(folder);
  return join(folder, name);
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export const NOON = Date.UTC(2026, 10, 24, 12);
export const HOUR = 3_600_000;

/** Writes these stats in one batch. @param now epoch milliseconds */
export async function written(file: string, stats: readonly Stat[], { keepDays = 0, now = NOON } = {}): Promise<void> {
  const writer = new LedgerWriter(await loadLibsql(), { file, keepDays, clock: new ManualClock(now) });
  writer.write(stats.map((stat) => entryOf(stat, now)));
  writer.close();
}

/** Reads from a ledger, and closes it. */
export async function reading<T>(
  file: string,
  use: (reader: LedgerReader, database: Database) => T | Promise<T>,
): Promise<T> {
  const database = openToRead(await loadLibsql(), file);
  try {
    return await use(new LedgerReader(tablesOf(database)), database);
  } finally {
    database.close();
  }
}

export function reportOf(file: string, query: Partial<ReportQuery> = {}): Promise<Report> {
  return reading(file, (reader) =>
    readReport(reader, {
      file,
      by: [{ text: 'model', dimension: { kind: 'model' } }],
      since: undefined,
      until: NOON,
      mostStretches: 24,
      ...query,
    }),
  );
}

/** A generation of one attempt. */
export function aPair(
  id: string,
  { startedAt = NOON, model = 'a-model', labels = {}, costUsd = 0.1, latencyMs = 1_000 } = {},
): readonly Stat[] {
  const common = { generationId: id, startedAt, model, labels, latencyMs };
  return [
    anAttempt({ ...common, usage: { inputTokens: 7, outputTokens: 5, costUsd, source: 'reported' } }),
    aGeneration({ ...common, timeToFirstTokenMs: latencyMs / 2 }),
  ];
}
