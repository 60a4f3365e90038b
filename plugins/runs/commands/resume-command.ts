import { checkOutput } from '../batch-file/output-file.js';
import type { OutputFile } from '../batch-file/output-file.js';
import { workOnRun } from '../engine/run-batch.js';
import { asObject } from 'scriptorium/provider';
import type { RunStatus } from '../journal/run-status.js';
import { BATCH_DEFAULTS } from './batch-parts.js';
import type { BatchCall } from './batch-parts.js';
import { dispatch } from './dispatch.js';
import { runNamed, withExistingJournal } from './open-existing.js';
import { withQueue } from './requeue-command.js';
import { engineOptions, workOn } from './work.js';

/** `scriptorium batch resume`: goes on with a run, by what the journal has of it. */
export function resumeRun(call: BatchCall): Promise<number> {
  const { words, budgetUsd, concurrency, engine } = call.arguments;
  const [name = ''] = words;
  return withExistingJournal(call, async (journal) => {
    const run = await runNamed(journal, name);
    const output = outputOf(run);
    if (output !== undefined) await checkOutput(output, run.id);
    const limits = {
      ...(budgetUsd !== undefined && { budgetUsd }),
      ...(concurrency !== undefined && { concurrency }),
    };
    if (engine === 'bullmq')
      return withQueue(call, async (queue) => {
        const created = { run: await journal.resume(run.id, limits), isNew: false };
        return dispatch(call, { queue, journal, created, output });
      });
    const pipeline = await call.context.openPipeline({ defaults: BATCH_DEFAULTS });
    await journal.resume(run.id, limits);
    return workOn(call, { journal, output, events: workOnRun(pipeline, run.id, engineOptions(call, journal)) });
  });
}

/** The output that `run` has kept with a run. */
export function outputOf({ data }: RunStatus): OutputFile | undefined {
  const { output, order } = asObject(data) ?? {};
  if (typeof output !== 'string') return undefined;
  return { path: output, order: order === 'completion' ? 'completion' : 'input', force: false };
}
