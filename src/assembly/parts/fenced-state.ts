import type { StateStore } from '../../core/ports.js';
import { afterwards } from '../../core/util/maybe-promise.js';
import type { Fence } from './fence.js';

type Change = (old: unknown) => unknown;

/**
 * A state store behind a fence. While it does not answer, values are kept in memory (policy `open`); the changes made
 * meanwhile are applied at its next answer.
 */
export function fencedState(store: StateStore, fence: Fence): StateStore {
  const known = new Map<string, unknown>();
  const unsaved = new Map<string, readonly Change[]>();
  return {
    update: (key, change) => {
      const earlier = unsaved.get(key) ?? [];
      const changes = [...earlier, change];
      unsaved.delete(key);
      const inMemory = (): unknown => {
        if (!fence.isOpenOnFailure) throw fence.unavailable();
        unsaved.set(key, [...changes, ...(unsaved.get(key) ?? [])]);
        const value = change(known.get(key));
        known.set(key, value);
        return value;
      };
      const updated = fence.decide({
        ask: () =>
          afterwards(
            store.update(key, (old) => changes.reduce((value, apply) => apply(value), old)),
            (value) => ({ value }),
          ),
        isAnswer: () => true,
        otherwise: () => ({ value: inMemory() }),
        // The store has made these changes after all.
        discard: () => {
          const rest = unsaved.get(key)?.filter((made) => !changes.includes(made)) ?? [];
          unsaved.set(key, rest);
        },
      });
      return afterwards(updated, ({ value }) => {
        known.set(key, value);
        return value;
      });
    },
  };
}
