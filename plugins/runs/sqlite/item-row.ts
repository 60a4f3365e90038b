import { RunError } from '../journal/run-error.js';
import type { ItemLease, ItemState } from '../journal/item.js';
import { addToRun } from './run-row.js';
import type { Sql } from './sql.js';

/** The columns of an item that never change. */
interface ItemIdentity {
  readonly key: number;
  readonly run: number;
  readonly place: number;
  readonly id: string;
  readonly is_priced: number;
}

/** The columns of an item that change. A change of the counters goes into the run's by `saveItem`. */
interface ItemValues {
  state: ItemState;
  epoch: number;
  tries: number;
  restarts: number;
  since: number;
  until: number | null;
  /** JSON, as all texts from outside. */
  reason: string | null;
  error: string | null;
  is_cancelled_itself: number;
  worker: string | null;
  lease_ms: number;
  /** Whether the claim has added text. */
  has_added: number;
  needs: number;
  /** Money that the claim may spend, and what the item had cost before it. */
  hold: number;
  spent_before: number;
  /** The part of the hold that is not yet spent. */
  held: number;
  bytes: number;
  attempts: number;
  input_tokens: number;
  output_tokens: number;
  known: number;
  estimated: number;
  unmeasured: number;
  words: number;
  sha256: string | null;
  result: string | null;
}

/** An item as its row. Money is in pico-dollars. */
export type ItemRow = ItemIdentity & ItemValues;

const CHANGING = [
  'state',
  'epoch',
  'tries',
  'restarts',
  'since',
  'until',
  'reason',
  'error',
  'is_cancelled_itself',
  'worker',
  'lease_ms',
  'has_added',
  'needs',
  'hold',
  'spent_before',
  'held',
  'bytes',
  'attempts',
  'input_tokens',
  'output_tokens',
  'known',
  'estimated',
  'unmeasured',
  'words',
  'sha256',
  'result',
] as const satisfies readonly (keyof ItemValues)[];

/** The columns of an `ItemRow`, for a `SELECT`. */
export const ITEM_COLUMNS = ['key', 'run', 'place', 'id', 'is_priced', ...CHANGING]
  .map((name) => `items.${name}`)
  .join(', ');

const OWN = `SELECT ${ITEM_COLUMNS} FROM items JOIN runs ON runs.key = items.run WHERE runs.id = ? AND items.id = ?`;
const SAVE = `UPDATE items SET ${CHANGING.map((name) => `${name} = ?`).join(', ')} WHERE key = ?`;

/** The item of a lease. @throws RunError `lease-lost` */
export function ownItem(sql: Sql, lease: ItemLease): ItemRow {
  const item = sql.one<ItemRow>(OWN, lease.run, lease.item);
  if (item?.state === 'leased' && item.epoch === lease.epoch) return item;
  throw leaseLost(lease, item);
}

/** The refusal of a write whose lease is not, or no longer, the item's own. */
export function leaseLost(lease: ItemLease, item: Pick<ItemRow, 'state' | 'epoch'> | undefined): RunError {
  const now = item === undefined ? 'it does not exist any more' : `it is ${item.state} with epoch ${item.epoch}`;
  return new RunError(
    'lease-lost',
    `The lease of item "${lease.item}" with epoch ${lease.epoch} is lost: ${now}. Abort its generation.`,
  );
}

/** Writes an item, and the change of its counters into those of its run. */
export function saveItem(sql: Sql, before: ItemRow, item: ItemRow): void {
  item.held = item.state === 'leased' ? Math.max(0, item.hold - (spentOn(item) - item.spent_before)) : 0;
  sql.run(SAVE, ...CHANGING.map((name) => item[name]), item.key);
  addToRun(sql, before, item);
}

/** Pico-dollars that an item has cost so far, running and lost attempts included. */
export function spentOn({ known, estimated }: Pick<ItemRow, 'known' | 'estimated'>): number {
  return known + estimated;
}

/** The next state of an item, with the reason and the time at which it may go on. */
export interface NextState {
  readonly state: ItemState;
  readonly reason?: string | undefined;
  readonly until?: number | undefined;
}

/** Moves an item to another state. Its lease ends: attempts that still run are lost, and nothing is held any more. */
export function move(
  sql: Sql,
  item: ItemRow,
  { state, reason, until, since }: NextState & { readonly since: number },
): void {
  if (item.state === 'leased')
    sql.run(`UPDATE attempts SET outcome = 'lost' WHERE item = ? AND outcome = 'running'`, item.key);
  item.state = state;
  item.reason = reason === undefined ? null : JSON.stringify(reason);
  item.until = until ?? null;
  item.since = since;
  item.worker = null;
}
