import type { Clock, CommandContext } from 'scriptorium/plugin';
import type { BatchOptions } from '../engine/batch-options.js';
import type { BatchArguments } from './batch-arguments.js';

/** The configuration of the plugin. */
export interface BatchSettings extends Required<
  Pick<BatchOptions, 'concurrency' | 'leaseMs' | 'patienceMs' | 'tries' | 'restarts'>
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
}

/** So that the processes of one machine keep the vendor's limits together, also after a restart. */
export const BATCH_DEFAULTS = { stateFile: '.scriptorium/state.json' } as const;
