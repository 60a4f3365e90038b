import { RunError } from '../journal/run-error.js';
import type { ItemDigests, ItemLease, ItemProgress, ItemState, JournalAttempt } from '../journal/item.js';
import { itemDigests, sha256Of } from '../receipt/digest.js';
import { spansOf } from './spans.js';
import { copyOf, textOf } from './stored-run.js';
import type { StoredItem, StoredRun } from './stored-run.js';

/** Makes sure that a lease is still the item's own. */
export function ownedBy(item: StoredItem | undefined, lease: ItemLease): StoredItem {
  if (item?.state === 'leased' && item.epoch === lease.epoch) return item;
  const now = item === undefined ? 'it does not exist any more' : `it is ${item.state} with epoch ${item.epoch}`;
  throw new RunError(
    'lease-lost',
    `The lease of item "${lease.item}" with epoch ${lease.epoch} is lost: ${now}. Abort its generation.`,
  );
}

/** Appends text and records attempts: all of it, or nothing. */
export function apply(item: StoredItem, { append = [], attempts = [] }: ItemProgress): void {
  let end = item.bytes;
  for (const { at, text } of append) {
    if (at !== end) {
      throw new RunError(
        'wrong-offset',
        `A text for byte ${at} of item "${item.spec.id}" was refused: its text ends at byte ${end}. Read it again.`,
      );
    }
    end += Buffer.byteLength(text);
  }
  item.chunks = [...item.chunks, ...append.map(copyOf)];
  item.bytes = end;
  for (const attempt of attempts) item.attempts.set(keyOf(attempt), copyOf(attempt));
  if (append.length === 0) return;
  item.tries = 0;
  if (item.claim !== undefined) item.claim.hasAdded = true;
}

const keyOf = ({ generation, attempt }: JournalAttempt): string => JSON.stringify([generation, attempt]);

/** The next state of an item, with the reason and the time at which it may go on. */
export interface NextState {
  readonly state: ItemState;
  readonly reason?: string | undefined;
  readonly until?: number | undefined;
}

/** Moves an item to another state. Its lease ends: attempts that still run are lost, and nothing is held any more. */
export function move(item: StoredItem, { state, reason, until }: NextState, now: number): void {
  for (const [key, attempt] of item.attempts) {
    if (attempt.outcome === 'running') item.attempts.set(key, { ...attempt, outcome: 'lost' });
  }
  if (item.claim !== undefined) item.digests = digestsOf(item);
  Object.assign(item, { state, reason, until, since: now, claim: undefined });
}

function digestsOf(item: StoredItem): ItemDigests {
  return itemDigests({
    sha256: sha256Of(textOf(item)),
    spans: spansOf(item),
    records: [...item.attempts.values()],
    ...item.end,
  });
}

/** Cancels all items that wait for an item, directly or not. */
export function cancelDependants(run: StoredRun, root: StoredItem, now: number): void {
  const reason = `item "${root.spec.id}" ${root.state === 'failed' ? 'has failed' : 'was cancelled'}`;
  const gone = new Set([root.spec.id]);
  for (let before = 0; before !== gone.size;) {
    before = gone.size;
    for (const item of run.items) {
      if (item.state !== 'waiting' || !(item.spec.after ?? []).some((id) => gone.has(id))) continue;
      gone.add(item.spec.id);
      move(item, { state: 'cancelled', reason }, now);
    }
  }
}

/** Makes ready what waits for nothing any more. */
export function wake({ items }: StoredRun, now: number): void {
  const done = new Set(items.filter(({ state }) => state === 'done').map(({ spec }) => spec.id));
  for (const item of items) {
    if (item.state === 'waiting' && (item.spec.after ?? []).every((id) => done.has(id)))
      move(item, { state: 'ready' }, now);
  }
}

const FINAL: ReadonlySet<ItemState> = new Set(['done', 'failed', 'cancelled']);

export const isFinal = ({ state }: StoredItem): boolean => FINAL.has(state);

/** Ends a run whose items have all ended. */
export function endIfOver(run: StoredRun, now: number): void {
  if (run.endedAt !== undefined || !run.items.every(isFinal)) return;
  const states = new Set(run.items.map(({ state }) => state));
  run.state = states.has('failed') ? 'failed' : states.has('cancelled') ? 'cancelled' : 'done';
  run.endedAt = now;
}
