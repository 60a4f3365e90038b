import { RunError } from '../journal/run-error.js';
import type { ItemLease, ItemState } from '../journal/item.js';
import { digestsOf } from './digests.js';
import type { Sql } from './sql.js';

/** An item whose lease is owned, as far as writes need it. Money is in pico-dollars. */
export interface OwnedItem {
  readonly key: number;
  readonly run: number;
  readonly id: string;
  readonly state: ItemState;
  readonly epoch: number;
  readonly bytes: number;
  readonly tries: number;
  readonly restarts: number;
  /** 1 if the claim has added text. */
  readonly has_added: number;
  /** 1 if others wait for it. */
  readonly has_dependants: number;
}

const OWN = `SELECT items.key, items.run, items.id, items.state, epoch, bytes, tries, restarts, has_added, has_dependants
  FROM runs JOIN items ON items.run = runs.key WHERE runs.id = ? AND items.id = ?`;

/** The item of a lease. @throws RunError `lease-lost` */
export function ownItem(sql: Sql, lease: ItemLease): OwnedItem {
  const item = sql.one<OwnedItem>(OWN, lease.run, lease.item);
  if (item?.state === 'leased' && item.epoch === lease.epoch) return item;
  const now = item === undefined ? 'it does not exist any more' : `it is ${item.state} with epoch ${item.epoch}`;
  throw new RunError(
    'lease-lost',
    `The lease of item "${lease.item}" with epoch ${lease.epoch} is lost: ${now}. Abort its generation.`,
  );
}

/** The next state of an item, with the reason and the time at which it may go on. */
export interface NextState {
  readonly state: ItemState;
  readonly reason?: string | undefined;
  readonly until?: number | undefined;
  readonly now: number;
}

const MOVE = 'UPDATE items SET state = ?, reason = ?, until = ?, since = ?, worker = NULL WHERE key = ?';

/** Moves an item to another state. Its lease ends: attempts that still run are lost, and nothing is held any more. */
export function move(sql: Sql, { key, state: from }: Pick<OwnedItem, 'key' | 'state'>, next: NextState): void {
  const { state, reason, until, now } = next;
  if (from === 'leased') {
    loseAttempts(sql, key);
    sql.run('UPDATE items SET digests = ? WHERE key = ?', digestsOf(sql, key), key);
  }
  sql.run(MOVE, state, reason === undefined ? null : JSON.stringify(reason), until ?? null, now, key);
}

/** Marks the attempts of an item that still run: its lease ends, and nobody will report of them. */
export function loseAttempts(sql: Sql, item: number): void {
  sql.run(`UPDATE attempts SET outcome = 'lost' WHERE item = ? AND outcome = 'running'`, item);
}
