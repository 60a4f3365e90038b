import type { ItemLease, Span } from '../journal/item.js';
import { specOfCopy } from '../journal/run-copy.js';
import type { ItemCopy, RunCopy } from '../journal/run-copy.js';
import { RunError } from '../journal/run-error.js';
import { createRun } from './create-run.js';
import { dollarsOf, picoDollars } from './pico-dollars.js';
import { applyProgress } from './progress.js';
import { keyOfRun } from './run-row.js';
import type { Sql } from './sql.js';
import { recordsOf, statusOf } from './views.js';

interface Extra {
  readonly is_priced: number;
  readonly needs: number;
  readonly is_cancelled_itself: number;
}

/** `Journal.copyRun` */
export function copyRun(sql: Sql, name: string, now: number): RunCopy {
  const run = statusOf(sql, name, now);
  const extras = sql.all<Extra>(
    'SELECT is_priced, needs, is_cancelled_itself FROM items WHERE run = ? ORDER BY place',
    keyOfRun(sql, run.id),
  );
  const items = recordsOf(sql, run.id, { limit: extras.length }).map((record, index): ItemCopy => {
    const { is_priced = 1, needs = 0, is_cancelled_itself = 0 } = extras[index] ?? {};
    return {
      ...record,
      isPriced: is_priced === 1,
      needsUsd: dollarsOf(needs),
      isCancelledItself: is_cancelled_itself === 1,
    };
  });
  return { run, items };
}

const LEASE = `UPDATE items SET state = 'leased', epoch = ? WHERE run = ? AND place = ?`;
const PUT = `UPDATE items SET state = ?, since = ?, until = ?, reason = ?, error = ?, tries = ?, restarts = ?, needs = ?,
  is_cancelled_itself = ?, has_added = 0, result = ?, sha256 = ?, words = ?, digests = ? WHERE run = ? AND place = ?`;
const BLOCKERS = `UPDATE items SET blockers = (SELECT COUNT(*) FROM dependants JOIN items AS earlier
    ON earlier.key = dependants.item WHERE dependants.dependant = items.key AND earlier.state <> 'done') WHERE run = ?`;
const END = 'UPDATE runs SET id = ?, digest = ?, state = ?, ended_at = ? WHERE key = ?';

/** `Journal.addRun` */
export function addRun(sql: Sql, copy: RunCopy): void {
  const { run, items } = copy;
  const { id, name, digest, state, createdAt, endedAt } = run;
  const found = sql.one<{ readonly name: string }>(
    'SELECT name FROM runs WHERE id IN (?1, ?2) OR name IN (?1, ?2)',
    id,
    name,
  );
  if (found !== undefined)
    throw new RunError(
      'changed-spec',
      `The journal has the run "${found.name}" already. Remove it there, or leave it.`,
    );
  createRun(sql, specOfCopy(copy), createdAt);
  const key = keyOfRun(sql, name);
  sql.run(END, id, digest, state, endedAt ?? null, key);
  for (const item of items) {
    sql.run(LEASE, item.epoch, key, item.index);
    const lease: ItemLease = { run: id, item: item.item, epoch: item.epoch };
    applyProgress(sql, lease, { append: appendsOf(item), attempts: item.records });
    const { since, until = null, reason, error, tries, restarts, needsUsd, isCancelledItself } = item;
    const { result, sha256 = null, words = 0, digests } = item;
    const open = [item.state, since, until, json(reason), json(error), tries, restarts, picoDollars(needsUsd)];
    const ended = [isCancelledItself ? 1 : 0, json(result), sha256, words, json(digests)];
    sql.run(PUT, ...open, ...ended, key, item.index);
  }
  sql.run(BLOCKERS, key);
}

function appendsOf({ text, spans }: Pick<ItemCopy, 'text' | 'spans'>) {
  const bytes = Buffer.from(text);
  return spans.map(({ from, to, ...source }: Span) => ({
    at: from,
    text: bytes.subarray(from, to).toString('utf8'),
    source,
  }));
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
