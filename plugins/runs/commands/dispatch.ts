import { shown } from 'scriptorium/plugin';
import type { OutputFile } from '../batch-file/output-file.js';
import type { RunQueue } from '../engine/run-queue.js';
import { watchRun } from '../engine/watch-run.js';
import type { CreatedRun, Journal } from '../journal/journal.js';
import { say } from '../progress/say.js';
import type { BatchCall } from './batch-parts.js';
import { requeue } from './requeue-command.js';
import { quoted, watchCommand, workOn } from './work.js';

/** A run for the workers of a queue. */
export interface Dispatched {
  readonly queue: RunQueue;
  readonly journal: Journal;
  readonly created: CreatedRun;
  readonly output: OutputFile | undefined;
}

/** Lets workers work on a run, and watches them; `--detach` returns at once. @returns the exit code */
export async function dispatch(call: BatchCall, { queue, journal, created, output }: Dispatched): Promise<number> {
  const { context, clock, settings, arguments: given } = call;
  const { id, name } = created.run;
  await requeue({ journal, queue, now: clock.now(), run: id });
  if (given.detach) {
    say(context.stderr, shown`Run "${name}" is queued in ${queue.name}. Watch it with: ${watchCommand(name)}`);
    say(context.stderr, shown`Write its answers with: scriptorium batch export ${quoted(name)} -o FILE`);
    return 0;
  }
  const { signal } = context;
  const { patienceMs } = settings;
  const events = watchRun(journal, created, { clock, signal, wait: given.wait, patienceMs });
  return workOn(call, { journal, events, output, isWatched: true });
}
