import type { Clock, PluginCommand } from 'scriptorium/plugin';
import { batchArguments } from './batch-arguments.js';
import type { BatchAction } from './batch-arguments.js';
import { batchHelp } from './batch-help.js';
import type { BatchCall, BatchSettings } from './batch-parts.js';
import { importJournal } from './copy-commands.js';
import { exportRun } from './export-command.js';
import { requeueRuns } from './requeue-command.js';
import { resumeRun } from './resume-command.js';
import { runFile } from './run-command.js';
import { cancelRun, migrate, pauseRun, pruneRuns } from './small-commands.js';
import { listRuns, showStatus } from './status-command.js';
import { userError } from './user-error.js';

/** The parts of `batchCommand`. */
export interface BatchCommandParts {
  readonly name: string;
  readonly settings: BatchSettings;
  readonly clock: Clock;
  readonly queue: BatchCall['queue'];
}

const ACTIONS: Readonly<Record<BatchAction, (call: BatchCall) => Promise<number>>> = {
  run: runFile,
  status: showStatus,
  resume: resumeRun,
  pause: pauseRun,
  cancel: cancelRun,
  list: listRuns,
  prune: pruneRuns,
  migrate,
  export: exportRun,
  import: importJournal,
  requeue: requeueRuns,
};

/** `scriptorium batch`: durable runs of many generations. */
export function batchCommand({ name, settings, clock, queue }: BatchCommandParts): PluginCommand {
  return {
    name,
    description: 'write many texts as a durable run, from a batch file',
    run: async (args, context) => {
      const given = batchArguments(args);
      if (given.action === 'help') {
        context.stdout.write(batchHelp(name));
        return 0;
      }
      try {
        return await ACTIONS[given.action]({ arguments: given, settings, clock, queue, context });
      } catch (error) {
        throw userError(error);
      }
    },
  };
}
