import type { ItemFailure } from '../journal/journal.js';
import { cancelDependants, endIfOver, move } from './changes.js';
import { copyOf } from './stored-run.js';
import type { StoredItem, StoredRun } from './stored-run.js';

/** A try that has failed, and whether it was the last one. */
export interface EndedTry {
  readonly run: StoredRun;
  readonly item: StoredItem;
  readonly failure: ItemFailure;
  readonly isOver: boolean;
}

/** Makes the item of a failed try ready again, or failed if it was the last one. */
export function endTry({ run, item, failure, isOver }: EndedTry, now: number): 'ready' | 'failed' {
  const { error, retryInMs } = copyOf(failure);
  const state = isOver ? 'failed' : 'ready';
  const until = isOver || retryInMs === undefined ? undefined : now + retryInMs;
  item.error = error;
  move(item, { state, reason: reasonOf(error), until }, now);
  if (isOver) cancelDependants(run, item, now);
  endIfOver(run, now);
  return state;
}

function reasonOf({ message, code }: Readonly<Record<string, unknown>>): string {
  return typeof message === 'string' ? message : typeof code === 'string' ? code : 'error';
}
