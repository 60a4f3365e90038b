import type { ItemRecord } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import { LedgerAudit } from './audit-ledger.js';
import { OutputAudit } from './audit-output.js';
import { ReceiptsAudit } from './audit-receipts.js';
import { RunAudit } from './audit-run.js';
import type { Auditor } from './auditor.js';
import type { Finding } from './finding.js';
import { readableRecords } from './readable-records.js';
import type { Unreadable } from './readable-records.js';

/** The run that is audited, and what it is compared with. */
export interface AuditOptions {
  /** The id of a run, or its name. */
  readonly run: string;
  /** Outputs of the run (JSONL, `.gz` too), and receipts: files whose names end in `.receipt.json`. */
  readonly files?: readonly string[] | undefined;
  /** The SQLite file of the plugin `ledger`, or its address on PostgreSQL. */
  readonly ledger?: string | undefined;
}

/** A run that is written meanwhile is read again so many times. */
const MOST_PASSES = 5;

/**
 * Checks a run: its texts, spans, attempts, sums, states and money against each other, and files and a ledger against them.
 * @returns the differences; none if all is right
 * @throws RunError `unknown-run`; `invalid-spec` if a file cannot be read; `unavailable` if the run changes all the time
 * while it is read
 * @see docs/batches.md
 * @example
 * ```ts
 * const findings = await audit(journal, { run: 'ada', files: ['ada.out.jsonl'] });
 * for (const { item, field, found, expected } of findings) console.error(item, field, found, expected);
 * ```
 */
export async function audit(journal: Journal, options: AuditOptions): Promise<readonly Finding[]> {
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const run = await journal.status(options.run);
    const auditors = await auditorsOf(journal, run.id, options);
    const findings: Finding[] = [];
    const report = (item: Pick<Finding, 'item' | 'field'>, error: unknown): void =>
      void findings.push({ run: run.id, ...item, found: reasonOf(error), by: 'the format of items' });
    const unreadable = ({ index, error }: Unreadable): void => report({ field: `items[${index}]` }, error);
    for await (const record of readableRecords(journal, run.id, unreadable)) takeAll(auditors, record, report);
    for (const auditor of auditors) findings.push(...(await auditor.end(run)));
    if (JSON.stringify(await journal.status(run.id)) === JSON.stringify(run)) return findings;
  }
  throw new RunError('unavailable', `The run "${options.run}" changes while it is read. Pause it, and audit it again.`);
}

async function auditorsOf(
  journal: Journal,
  run: string,
  { files = [], ledger }: AuditOptions,
): Promise<readonly Auditor[]> {
  const auditors: Auditor[] = [new RunAudit()];
  for (const file of files)
    auditors.push(
      file.endsWith('.receipt.json') ? await ReceiptsAudit.open(file) : await OutputAudit.open(file, journal, run),
    );
  if (ledger !== undefined) auditors.push(await LedgerAudit.open(ledger, run));
  return auditors;
}

/** An item that is not of the right form makes a finding, and the audit goes on. */
function takeAll(
  auditors: readonly Auditor[],
  record: ItemRecord,
  report: (item: Pick<Finding, 'item' | 'field'>, error: unknown) => void,
): void {
  for (const auditor of auditors) {
    try {
      auditor.take(record);
    } catch (error) {
      report({ item: record.item, field: 'record' }, error);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
