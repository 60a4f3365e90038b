import { shown } from 'scriptorium/plugin';
import type { Clock, CommandContext, PluginCommand } from 'scriptorium/plugin';
import { openItemRunner } from '../engine/item-runner.js';
import type { RunQueue } from '../engine/run-queue.js';
import { say } from '../progress/say.js';
import { BATCH_DEFAULTS } from './batch-parts.js';
import type { BatchSettings } from './batch-parts.js';
import { QueueWork } from './queue-work.js';
import { withQueue } from './requeue-command.js';
import { userError } from './user-error.js';
import { workerArguments } from './worker-arguments.js';
import { limitsFor } from './worker-limits.js';
import type { WorkerLimits } from './worker-limits.js';

/** The parts of `workerCommand`. */
export interface WorkerCommandParts {
  readonly name: string;
  readonly settings: BatchSettings;
  readonly clock: Clock;
  readonly queue: () => RunQueue | undefined;
  /** Whether a plugin keeps the limits elsewhere, for several machines. */
  readonly isLimitShared: () => boolean;
}

/** `scriptorium worker`: works on the items of all runs of a journal, with workers on other machines, until a signal. */
export function workerCommand(parts: WorkerCommandParts): PluginCommand {
  const { name, settings } = parts;
  return {
    name,
    description: 'work on the runs of a journal, with workers on other machines',
    run: async (args, context) => {
      const given = workerArguments(args);
      if (given.isHelp) {
        context.stdout.write(help(name));
        return 0;
      }
      const concurrency = given.concurrency ?? settings.concurrency;
      try {
        const limits = limitsFor({ journal: settings.journal, isLimitShared: parts.isLimitShared() }, given.parts);
        await withQueue(parts, (queue) => serve(parts, context, { queue, concurrency, limits }));
      } catch (error) {
        throw userError(error);
      }
      return 0;
    },
  };
}

interface Service {
  readonly queue: RunQueue;
  readonly concurrency: number;
  readonly limits: WorkerLimits;
}

async function serve(
  { settings, clock }: WorkerCommandParts,
  { openPipeline, signal, stderr }: CommandContext,
  { queue, concurrency, limits }: Service,
): Promise<void> {
  const pipeline = await openPipeline({ defaults: BATCH_DEFAULTS, config: limits.config });
  const { journal: address, leaseMs, checkpointMs, patienceMs } = settings;
  const log = (text: Parameters<typeof say>[1]): void => say(stderr, text);
  const runner = await openItemRunner(pipeline, {
    ...{ journal: address, leaseMs, checkpointMs: checkpointMs ?? undefined, patienceMs, clock },
    onEvent: (event, run) => work.take(event, run),
  });
  const work = new QueueWork({ runner, queue, clock, concurrency, log });
  try {
    log(shown`Journal: ${runner.journal.name}`);
    log(shown`Queue: ${queue.name}`);
    log(shown`Limits: ${limits.text}`);
    await work.run(signal);
  } finally {
    await runner.close();
  }
}

const help = (name: string): string => `Usage: scriptorium ${name} [options]

Works on the items of all runs in plugins.runs.journal, together with workers on
other machines. Runs are started with "scriptorium batch run --engine bullmq".
The queue is that of plugins.bullmq.url.

A signal (SIGTERM, Ctrl-C) stops it: what was written is kept, and other workers
go on with the items. A second signal ends it at once.

Options:
  --concurrency <n>     most items at once (default: plugins.runs.concurrency)
  --share <1/n>         the part of the vendor's limits of this machine: while
                        plugins.redis.url is away, or always without it
  -c, --config <path>   configuration file
  -h, --help            show this

Exit code: 0 after a signal, 1 if it cannot go on.
`;
