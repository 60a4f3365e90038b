import { basename, resolve } from 'node:path';
import { catchError, tap, throwError } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { shown } from 'scriptorium/plugin';
import { isMissing, messageOf } from '../batch-file/fs-error.js';
import { checkOutput } from '../batch-file/output-file.js';
import type { OutputFile } from '../batch-file/output-file.js';
import { readBatchFile } from '../batch-file/read-batch-file.js';
import type { BatchItem } from '../engine/batch-options.js';
import { createRun, runBatch } from '../engine/run-batch.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { RunStatus } from '../journal/run-status.js';
import { say } from '../progress/say.js';
import { wrong } from './batch-arguments.js';
import { BATCH_DEFAULTS } from './batch-parts.js';
import type { BatchCall } from './batch-parts.js';
import { dispatch } from './dispatch.js';
import { withJournal } from './open-existing.js';
import { withQueue } from './requeue-command.js';
import { engineOptions, quoted, workOn } from './work.js';

/** `scriptorium batch run`: makes a run of a batch file, or goes on with it. */
export async function runFile(call: BatchCall): Promise<number> {
  const { words, output: given, name, order = 'input', force } = call.arguments;
  const [file = ''] = words;
  if (given === undefined) throw wrong(`-o is missing: the file of the answers, such as -o ${outputFor(file)}`);
  const run = name ?? nameOf(file);
  const output = { path: resolve(given), order, force };
  return withJournal(call, async (journal) => {
    const known = await knownRun(journal, run);
    await checkOutput(output, known?.id);
    const pipeline = await call.context.openPipeline({ defaults: BATCH_DEFAULTS });
    const items = await itemsOf(file, pipeline, call);
    const start = { pipeline, items, journal, run, output };
    if (call.arguments.engine === 'bullmq') return dispatched(call, start, file);
    const begun = runBatch(pipeline, items, optionsOf(call, start)).pipe(
      tap((event) => {
        if (event.type === 'run-start' && !event.isNew) noteKept(call, event.run);
      }),
      catchError((error: unknown) => throwError(() => inWords(error, file, run))),
    );
    return workOn(call, { journal, output, events: begun });
  });
}

/** The items of a run never change. */
function inWords(error: unknown, file: string, run: string): unknown {
  if (!RunError.is(error) || error.code !== 'changed-spec') return error;
  return wrong(
    `${file}: ${error.message} That is, add --name NAME. Or go on with the old items: scriptorium batch resume ${quoted(run)}`,
  );
}

interface Start {
  readonly pipeline: Pipeline;
  readonly items: readonly BatchItem[];
  readonly journal: Journal;
  readonly run: string;
  readonly output: OutputFile;
}

/** Leaves the work to the workers of the queue. */
function dispatched(call: BatchCall, start: Start, file: string): Promise<number> {
  const { pipeline, items, run, journal, output } = start;
  return withQueue(call, async (queue) => {
    const created = await createRun(pipeline, items, optionsOf(call, start)).catch((error: unknown) => {
      throw inWords(error, file, run);
    });
    if (!created.isNew) noteKept(call, created.run);
    return dispatch(call, { queue, journal, created, output });
  });
}

function optionsOf(call: BatchCall, { journal, run, output: { path, order } }: Start) {
  const { labels, budgetUsd, interactive } = call.arguments;
  return {
    ...engineOptions(call, journal),
    ...(budgetUsd !== undefined && { budgetUsd }),
    journal,
    name: run,
    labels,
    data: { output: path, order, ...(interactive && { isInteractive: true }) },
  };
}

/** Not by `status`, which would take the id of another run for the name. */
async function knownRun(journal: Journal, name: string): Promise<RunStatus | undefined> {
  return (await journal.runs()).find((run) => run.name === name);
}

/** @throws GenerationError `invalid-input` once every bad line has been reported */
async function itemsOf(file: string, pipeline: Pipeline, { context: { stderr } }: BatchCall) {
  const { provider } = pipeline.check({ prompt: 'Which provider?', model: 'any' }).input;
  const check = (input: Parameters<Pipeline['check']>[0]): unknown => pipeline.check(input);
  const { items, problems, problemCount } = await readBatchFile(resolve(file), { provider, check }).catch(
    (error: unknown) => {
      throw wrong(isMissing(error) ? `There is no file ${file}.` : `${file} cannot be read: ${messageOf(error)}`);
    },
  );
  for (const problem of problems) say(stderr, shown`${file}, ${problem}`);
  if (problemCount > problems.length) say(stderr, shown`… and ${problemCount - problems.length} more`);
  if (problemCount > 0)
    throw wrong(
      `${file} has ${problemCount} bad ${problemCount === 1 ? 'line' : 'lines'}. Nothing was sent. A line is {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": [...]}}.`,
    );
  if (items.length === 0) throw wrong(`${file} has no requests: it is empty.`);
  return items;
}

/** Limits of a run are changed by `resume` alone. */
function noteKept({ arguments: { budgetUsd, concurrency }, context: { stderr } }: BatchCall, run: RunStatus): void {
  const { limits, name } = run;
  const isOther =
    (budgetUsd !== undefined && budgetUsd !== limits.budgetUsd) ||
    (concurrency !== undefined && concurrency !== limits.concurrency);
  if (isOther)
    say(
      stderr,
      shown`The limits of a run stay as they are. Change them with: scriptorium batch resume ${quoted(name)} --budget DOLLARS --concurrency N`,
    );
  if (run.state === 'done')
    say(stderr, shown`All items of "${name}" are done already. To write new texts, choose another --name.`);
}

/** The default name of a run: that of the file, without folder and endings. */
export function nameOf(file: string): string {
  const name = basename(file).replace(/(\.jsonl|\.ndjson|\.json)?(\.gz)?$/i, '');
  if (name !== '') return name;
  throw new GenerationError('invalid-input', `batch: "${file}" has no name for the run. Add --name NAME.`);
}

function outputFor(file: string): string {
  return `${nameOf(file)}.out.jsonl`;
}
