import { ConfigError } from 'scriptorium';
import { shown } from 'scriptorium/plugin';
import { hintFor } from '../engine/run-queue.js';
import type { RunQueue } from '../engine/run-queue.js';
import type { Journal } from '../journal/journal.js';
import { counted } from '../progress/format.js';
import { say } from '../progress/say.js';
import type { BatchCall } from './batch-parts.js';
import { runNamed, withExistingJournal } from './open-existing.js';

/** `scriptorium batch requeue`: lets the workers know of all runs, or of one, that can go on. */
export function requeueRuns(call: BatchCall): Promise<number> {
  const { clock, context } = call;
  const [name] = call.arguments.words;
  return withExistingJournal(call, (journal) =>
    withQueue(call, async (queue) => {
      const run = name === undefined ? undefined : (await runNamed(journal, name)).id;
      const count = await requeue({ journal, queue, now: clock.now(), ...(run !== undefined && { run }) });
      say(context.stderr, shown`Queued ${counted(count, 'run')} in ${queue.name}.`);
      return 0;
    }),
  );
}

interface Requeued {
  readonly journal: Journal;
  readonly queue: RunQueue;
  readonly now: number;
  /** The id of one run; all if left out. */
  readonly run?: string;
}

/** Hints all runs, or one, that can go on. Returns their number. */
export async function requeue({ journal, queue, now, run }: Requeued): Promise<number> {
  const runs = run === undefined ? await journal.runs() : [await journal.status(run)];
  const hints = runs.map((each) => hintFor(each, now)).filter((hint) => hint !== undefined);
  for (const hint of hints) await queue.hint(hint);
  return hints.length;
}

/** Does some work with the queue that is configured, and closes it. @throws ConfigError if there is none */
export async function withQueue<T>(
  { queue: configured }: Pick<BatchCall, 'queue'>,
  work: (queue: RunQueue) => Promise<T>,
): Promise<T> {
  const queue = configured();
  if (queue === undefined)
    throw new ConfigError(
      'No queue is configured for the workers. Set plugins.bullmq.url, such as redis://HOST:6379 or postgres://USER@HOST/DATABASE.',
    );
  try {
    await queue.open();
    return await work(queue);
  } finally {
    await queue.close();
  }
}
