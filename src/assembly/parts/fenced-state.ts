import type { MaybePromise, StateStore } from '../../core/ports.js';
import { afterwards } from '../../core/util/maybe-promise.js';
import type { Fence } from './fence.js';

type Change = (old: unknown) => unknown;

/** A change that is made at most once, although the store may answer later than it is asked for it again. */
interface KeptChange {
  readonly apply: Change;
  isMade: boolean;
}

/** The most changes of one key that are kept while the store does not answer. Later ones stay in memory only. */
const MOST_UNSAVED = 10_000;

/**
 * A state store behind a fence. While it does not answer, values are kept in memory (policy `open`); the changes of a key
 * are applied with its next change that the store answers.
 */
export function fencedState(store: StateStore, fence: Fence): StateStore {
  const known = new Map<string, unknown>();
  const unsaved = new Map<string, KeptChange[]>();
  return {
    update: (key, change) => {
      const changes = unsaved.get(key) ?? [];
      unsaved.delete(key);
      changes.push({ apply: change, isMade: false });
      const asked = changes.length;
      const noteMade = <T>(answer: T): T => {
        if (answer !== undefined) changes.slice(0, asked).forEach((each) => (each.isMade = true));
        return answer;
      };
      const inMemory = (): unknown => {
        if (!fence.isOpenOnFailure) throw fence.unavailable();
        const before = known.get(key);
        const value = change(before);
        // Reading is not worth keeping.
        if (value === before) changes.pop();
        putBack(unsaved, key, changes);
        known.set(key, value);
        return value;
      };
      const updated = fence.decide({
        ask: () => afterwards(updateOf(store, key, firstSeen(known, key, all(changes, asked))), noteMade),
        isAnswer: (value) => value !== undefined,
        otherwise: () => ({ value: inMemory() }),
        // The store has made these changes after all.
        discard: () => {
          const open = changes.filter(({ isMade }) => !isMade);
          if (unsaved.get(key) === changes) unsaved.set(key, open);
        },
      });
      return afterwards(updated, (answer) => {
        const value = answer?.value;
        known.set(key, value);
        return value;
      });
    },
  };
}

/** The value that the change has made: what a store returns may be anything. Undefined if it did not run the change. */
function updateOf(
  store: StateStore,
  key: string,
  change: Change,
): MaybePromise<{ readonly value: unknown } | undefined> {
  let made: { readonly value: unknown } | undefined;
  const updated = store.update(key, (old) => {
    made = { value: change(old) };
    return made.value;
  });
  return afterwards(updated, () => made);
}

/** Puts changes back, before those that failed meanwhile. */
function putBack(unsaved: Map<string, KeptChange[]>, key: string, changes: KeptChange[]): void {
  changes.push(...(unsaved.get(key) ?? []));
  if (changes.length > MOST_UNSAVED) changes.length = MOST_UNSAVED;
  unsaved.set(key, changes);
}

/** The first changes of a list as one: those that the store has not made meanwhile. */
function all(changes: readonly KeptChange[], count: number): Change {
  return (old) => changes.slice(0, count).reduce((value, { apply, isMade }) => (isMade ? value : apply(value)), old);
}

/** A store that can read a value, but not write it, shows where the count in memory begins. */
function firstSeen(known: Map<string, unknown>, key: string, change: Change): Change {
  return (old) => {
    if (!known.has(key)) known.set(key, old);
    return change(old);
  };
}
