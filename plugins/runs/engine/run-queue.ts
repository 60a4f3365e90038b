import type { RunStatus } from '../journal/run-status.js';
import type { NextItem } from './item-runner.js';

/**
 * A queue by which workers on many machines learn that items of a run may be ready. It only hints: the journal decides who
 * works on what, so that hints may be lost and doubled. A plugin offers one with `host.replace(RUN_QUEUE, queue)`.
 * @see docs/scale.md
 */
export interface RunQueue {
  /** Names the queue for people, without a password. */
  readonly name: string;
  /** Connects, and checks that the queue can be used. @throws GenerationError that says what is wrong, and the remedy */
  open(): Promise<void>;
  /** Prepares the store of the queue, where it needs that, for `scriptorium batch migrate`. @returns a line for people */
  migrate(): Promise<string>;
  /** Lets workers try to claim items of a run. The same hint may be given again at any time. */
  hint(hint: RunHint): Promise<void>;
  /** Works on what is hinted, until it is closed. */
  serve(server: QueueServer): Promise<ServedQueue>;
  close(): Promise<void>;
}

/** A run of which items may be ready. */
export interface RunHint {
  /** Its id. */
  readonly run: string;
  /** The number of items that may be worked on at once. */
  readonly places: number;
  /** Whether it comes before all other runs. */
  readonly isInteractive: boolean;
  /** Milliseconds until items may be ready; left out: now. */
  readonly delayMs?: number;
}

/** A worker of a queue. */
export interface QueueServer {
  /** Hints that are worked on at once. */
  readonly concurrency: number;
  /** Works on an item of a run, and reports how far it is every few seconds. It does not reject. */
  readonly work: (run: string, report: (progress: ItemProgress) => void) => Promise<NextItem>;
  /** The queue cannot be reached (once an outage), or can be again. */
  readonly onAway: (message: string) => void;
  readonly onBack: () => void;
}

/** How far an item is. */
export interface ItemProgress {
  readonly item: string;
  /** Of the whole text so far. */
  readonly words: number;
}

export interface ServedQueue {
  /** Takes no more hints, and resolves when all work has ended. */
  close(): Promise<void>;
}

/** The token under which a plugin offers its queue. */
export const RUN_QUEUE = Symbol.for('scriptorium/plugins/runs/queue');

/** The hint for a run; undefined if nothing of it can be worked on before it is resumed. @param now epoch milliseconds */
export function hintFor({ id, state, items, limits, until, data }: RunStatus, now: number): RunHint | undefined {
  const { ready, leased, parked } = items;
  if (state !== 'running') return undefined;
  const hint = { run: id, isInteractive: isInteractive(data) };
  if (ready + leased > 0) return { ...hint, places: Math.min(limits.concurrency, ready + leased + parked) };
  return until === undefined ? undefined : { ...hint, places: 1, delayMs: Math.max(0, until - now) };
}

/** `batch run --interactive` keeps this with a run. */
function isInteractive(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'isInteractive' in data && data.isInteractive === true;
}
