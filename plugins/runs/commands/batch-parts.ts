import type { Clock, CommandContext } from 'scriptorium/plugin';
import type { RunQueue } from '../engine/run-queue.js';
import type { BatchArguments } from './batch-arguments.js';

/** The configuration of the plugin. */
export interface BatchSettings extends Readonly<
  Record<'concurrency' | 'leaseMs' | 'patienceMs' | 'tries' | 'restarts', number>
> {
  /** Null: as the journal suggests. */
  readonly checkpointMs: number | null;
  /** `sqlite:PATH` or `postgres://…` */
  readonly journal: string;
}

/** What a subcommand works with. */
export interface BatchCall {
  readonly arguments: BatchArguments;
  readonly settings: BatchSettings;
  readonly clock: Clock;
  readonly context: CommandContext;
  /** The queue of the workers, if one is configured. */
  readonly queue: () => RunQueue | undefined;
}

/** So that the processes of one machine keep the vendor's limits together, also after a restart. */
export const BATCH_DEFAULTS = { stateFile: '.scriptorium/state.json' } as const;
