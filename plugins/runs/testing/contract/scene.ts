import { ManualClock } from 'scriptorium/testing';
import type { Worker } from '../../journal/item.js';
import type { Journal } from '../../journal/journal.js';

/** The surroundings of a journal under proof. */
export interface JournalWorld {
  /** The store's clock. */
  readonly clock: ManualClock;
  /** Whether a worker of this machine lives. */
  readonly isAlive: (worker: Worker) => boolean;
}

/**
 * Makes the journal under proof: an empty store for each promise. Several journals over one store, as processes open them,
 * are all used. The journals are closed after the promise.
 */
export type MakeJournal = (world: JournalWorld) => Journal | readonly Journal[] | Promise<Journal | readonly Journal[]>;

/** Proves one promise. Rejects with an `Error` that names the mistake. Needs no test runner. */
export type JournalCheck = (make: MakeJournal) => Promise<void>;

/** One promise's store. */
export interface JournalScene {
  readonly journal: Journal;
  /** The same store as another process sees it. */
  readonly other: Journal;
  readonly clock: ManualClock;
  /** Ends the process of a worker. */
  readonly kill: (worker: Worker) => void;
}

/** A check of a scene as one of `JOURNAL_PROMISES`. */
export const by =
  (check: (scene: JournalScene) => Promise<void>): JournalCheck =>
  async (make) => {
    const clock = new ManualClock();
    const dead = new Set<string>();
    const made = await make({ clock, isAlive: ({ id }) => !dead.has(id) });
    const journals: readonly Journal[] = isList(made) ? made : [made];
    const [journal] = journals;
    if (journal === undefined) throw new Error('make returned an empty list; return at least one journal.');
    try {
      await check({ journal, other: journals[1] ?? journal, clock, kill: ({ id }) => void dead.add(id) });
    } finally {
      await Promise.all(journals.map((each) => each.close()));
    }
  };

const isList = (made: Journal | readonly Journal[]): made is readonly Journal[] => Array.isArray(made);
