import type { ItemRecord } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import { RunAudit } from './audit-run.js';
import type { Auditor } from './auditor.js';
import type { Finding } from './finding.js';

/** The run that is audited, and what it is compared with. */
export interface AuditOptions {
  /** The id of a run, or its name. */
  readonly run: string;
}

/** A run that is written meanwhile is read again so many times. */
const MOST_PASSES = 5;

/**
 * Checks a run: its texts, spans, attempts, sums, states and money against each other.
 * @returns the differences; none if all is right
 * @throws RunError `unknown-run`; `unavailable` if the run changes all the time while it is read
 * @see docs/batches.md
 * @example
 * ```ts
 * for (const { item, field, found, expected } of await audit(journal, { run: 'ada' })) console.error(item, field, found, expected);
 * ```
 */
export async function audit(journal: Journal, { run: name }: AuditOptions): Promise<readonly Finding[]> {
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const auditors: readonly Auditor[] = [new RunAudit()];
    const run = await journal.status(name);
    for await (const record of recordsOf(journal, run.id)) for (const auditor of auditors) auditor.take(record);
    if (JSON.stringify(await journal.status(run.id)) === JSON.stringify(run))
      return auditors.flatMap((auditor) => auditor.end(run));
  }
  throw new RunError('unavailable', `The run "${name}" changes while it is read. Pause it, and audit it again.`);
}

/** Texts may be long: a page holds few items. */
const PAGE = 50;

async function* recordsOf(journal: Journal, run: string): AsyncGenerator<ItemRecord, void, undefined> {
  for (let after: number | undefined; ;) {
    const page = await journal.records(run, { limit: PAGE, ...(after !== undefined && { after }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.index;
  }
}
