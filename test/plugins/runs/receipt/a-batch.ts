import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { createPipeline } from 'scriptorium';
import { systemClock } from 'scriptorium/plugin';
import { ledger } from 'scriptorium/plugins/ledger';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { receiptOf, runBatch, sqliteJournal } from 'scriptorium/plugins/runs';
import type { Journal, RunStatus } from 'scriptorium/plugins/runs';
import { startEmulator } from 'scriptorium/testing';
import { writeOutput } from '../../../../plugins/runs/batch-file/output-file.js';

/** A batch that has ended, and everything that was written of it. */
export interface EndedBatch {
  readonly journal: Journal;
  readonly run: RunStatus;
  /** The SQLite file of the journal. */
  readonly file: string;
  readonly output: string;
  readonly receipts: string;
  readonly ledger: string;
  close(): Promise<void>;
}

/** Writes three texts, two of them over breaks and refusals, and one that fails. */
export async function anEndedBatch(): Promise<EndedBatch> {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-audit-'));
  const [file, output, receipts, book] = ['runs.db', 'out.jsonl', 'all.receipt.json', 'ledger.db'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const emulator = await startEmulator({ words: 30 });
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'k', baseUrl: emulator.url }), ledger({ file: book })],
    config: { defaults: { model: 'scriptorium/exact' }, retry: { baseMs: 1, capMs: 2 }, logging: { level: 'silent' } },
  });
  emulator.script(
    { status: 503 },
    { truncate: { afterDeltas: 12 } },
    undefined,
    { truncate: { afterDeltas: 9 } },
    undefined,
    undefined,
    { status: 400 },
  );
  const journal = await sqliteJournal(file, { clock: systemClock });
  const items = ['one', 'two', 'three', 'four'].map((id, index) => ({
    id,
    input: { prompt: `Write text ${id}.` },
    ...(index === 1 && { after: ['one'], data: { title: 'Two' } }),
  }));
  await lastValueFrom(runBatch(pipeline, items, { journal, name: 'ada', concurrency: 1, budgetUsd: 5 }));
  await pipeline.dispose();
  await emulator.close();
  const run = await journal.status('ada');
  await writeOutput(journal, run, { path: output, order: 'input', force: false });
  writeFileSync(receipts, JSON.stringify((await journal.records(run.id)).map(receiptOf)));
  const close = async (): Promise<void> => {
    await journal.close();
    rmSync(folder, { recursive: true });
  };
  return { journal, run, file, output, receipts, ledger: book, close };
}
