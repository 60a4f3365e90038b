import { memoryStateStore } from 'scriptorium';
import type { StateStore } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import { flushed } from '../../../support/flushed.js';
import type { Access, Asked } from '../../../../plugins/gateway/access/access.js';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { makeAccess } from '../../../../plugins/gateway/access/make-access.js';
import type { AccessParts } from '../../../../plugins/gateway/access/make-access.js';

/** A request with these headers. */
export const asking = (headers: Asked['headers'] = {}, inUrl: Asked['inUrl'] = {}): Asked => ({ headers, inUrl });

/** A request with a key. */
export const withKey = (key: string, headers: Asked['headers'] = {}): Asked =>
  asking({ authorization: `Bearer ${key}`, ...headers });

export interface Scene {
  readonly access: Access;
  readonly clock: ManualClock;
  readonly store: StateStore;
  readonly keys: ReturnType<typeof keyStore>;
  readonly warnings: string[];
  /** Lets time pass, second by second, and everything happen that it brings. */
  readonly pass: (ms: number) => Promise<void>;
}

/** The parts of a scene that a test brings itself. */
type SceneParts = Partial<Omit<AccessParts, 'clock'>> & { readonly clock?: ManualClock };

/** The access of a gateway on virtual time, with a store of its own. */
export function aScene({ clock = new ManualClock(), ...parts }: SceneParts = {}): Scene {
  const store = parts.store ?? memoryStateStore();
  const warnings: string[] = [];
  const access = makeAccess({ warn: (message) => warnings.push(message), ...parts, store, clock });
  return {
    access,
    clock,
    store,
    keys: keyStore(store),
    warnings,
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= 1_000) {
        clock.advance(Math.min(left, 1_000));
        await flushed();
      }
    },
  };
}

/** The error that an action throws. */
export function thrownBy(action: () => unknown): {
  readonly code?: string;
  readonly status?: number;
  readonly message: string;
} {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected an error.');
}
