import { tokens } from 'scriptorium';
import { definePlugin, milliseconds, text, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { auditCommand } from './commands/audit-command.js';
import { batchCommand } from './commands/batch-command.js';
import { workerCommand } from './commands/worker-command.js';
import { RUN_QUEUE } from './engine/run-queue.js';
import type { RunQueue } from './engine/run-queue.js';

export { batch, runBatch, workOnRun } from './engine/run-batch.js';
export type { BatchResult } from './engine/run-batch.js';
export type { BatchItem, BatchOptions } from './engine/batch-options.js';
export type * from './engine/run-event.js';
export type * from './journal/item.js';
export type * from './journal/journal.js';
export type * from './journal/run-copy.js';
export { specOfCopy } from './journal/run-copy.js';
export type * from './journal/run-spec.js';
export type * from './journal/run-status.js';
export { itemStatusOfRow, runStatusOfRow } from './journal/rows.js';
export type { CostRow, ItemRow, RunDetails, RunSumsRow } from './journal/rows.js';
export { firstDifference } from './journal/first-difference.js';
export { isProcessAlive, thisProcess } from './journal/this-worker.js';
export { dollarsOf, picoDollars } from './sqlite/pico-dollars.js';
export { RUN_ERROR_CODES, RunError } from './journal/run-error.js';
export type { RunErrorCode } from './journal/run-error.js';
export type { JournalMigration, JournalModule, OpenJournal, OpenJournalParts } from './engine/open-journal.js';
export { openItemRunner, workOnNext } from './engine/item-runner.js';
export type { ItemRunner, ItemRunnerOptions, NextItem, WorkedItem } from './engine/item-runner.js';
export { RUN_QUEUE } from './engine/run-queue.js';
export type { ItemProgress as QueueProgress, QueueServer, RunHint, RunQueue, ServedQueue } from './engine/run-queue.js';
export { sqliteJournal } from './sqlite/sqlite-journal.js';
export type { JournalParts } from './memory/memory-journal.js';
export { audit } from './receipt/audit.js';
export type { AuditOptions } from './receipt/audit.js';
export { itemDigests, specDigest } from './receipt/digest.js';
export type { Digestible } from './receipt/digest.js';
export type { Finding } from './receipt/finding.js';
export { runsOf } from './runs-of.js';
export type { RunFigures } from './runs-of.js';
export { receiptOf } from './receipt/receipt.js';
export type { Receipt, ReceiptAttempt, ReceiptSpan } from './receipt/receipt.js';

/** Options of `runs`, which are its configuration. */
export interface RunsPluginOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly journal?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly checkpointMs?: number | undefined;
  readonly leaseMs?: number | undefined;
  readonly patienceMs?: number | undefined;
  readonly tries?: number | undefined;
  readonly restarts?: number | undefined;
}

/** The user and the password of a database are not shown. */
const address = { ...text, shown: (value: unknown) => String(value).replace(/\/\/[^@/]*@/, '//[…]@') };

const CONFIG = {
  journal: {
    doc: 'Where runs are kept: `sqlite:` and a file, relative to the working folder, or `postgres://USER@HOST/DATABASE`',
    format: address,
    default: 'sqlite:.scriptorium/runs.db',
  },
  concurrency: { doc: 'Items of a run that are written at once', format: whole(1, 10_000), default: 4 },
  checkpointMs: {
    doc: 'The longest time that new text stays in memory only; null: as the journal suggests, 250 in SQLite and 1000 on PostgreSQL',
    format: milliseconds,
    default: null,
  },
  leaseMs: {
    doc: 'Time after which another process may take over an item whose process is silent',
    format: milliseconds,
    default: 30_000,
  },
  patienceMs: { doc: 'Longer waits park an item', format: milliseconds, default: 90_000 },
  tries: { doc: 'Tries of an item in a row that add nothing; then it fails', format: whole(1, 1_000), default: 5 },
  restarts: {
    doc: 'How often a text to which nothing can be joined is voided; then the item fails',
    format: whole(0, 1_000),
    default: 2,
  },
} as const;

/**
 * Adds the commands `scriptorium batch` and `scriptorium audit`: durable runs of many generations. The package `libsql` must be
 * installed beside this one.
 * @see docs/batches.md
 */
export function runs({ id = 'runs', ...options }: RunsPluginOptions = {}): Plugin {
  return definePlugin({
    name: 'runs',
    id,
    apiVersion: 1,
    config: CONFIG,
    options,
    setup: (host) => {
      const { config, clock } = host;
      const isOwn = id === 'runs';
      const queue = host.replacement<RunQueue>(RUN_QUEUE);
      host.addCommand(batchCommand({ name: isOwn ? 'batch' : `batch-${id}`, settings: config, clock, queue }));
      const isLimitShared = (): boolean => host.replacement(tokens.LIMIT_STORE)() !== undefined;
      const name = isOwn ? 'worker' : `worker-${id}`;
      host.addCommand(workerCommand({ name, settings: config, clock, queue, isLimitShared }));
      host.addCommand(auditCommand({ name: isOwn ? 'audit' : `audit-${id}`, settings: config, clock }));
    },
  });
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/runs"]`. */
export default runs;
