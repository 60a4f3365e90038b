import type { Observable } from 'rxjs';
import { lastValueFrom, tap } from 'rxjs';
import { AbortError } from 'scriptorium';
import { shown } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';
import { writeOutput } from '../batch-file/output-file.js';
import type { OutputFile } from '../batch-file/output-file.js';
import type { BatchOptions } from '../engine/batch-options.js';
import type { RunEnd, RunEvent } from '../engine/run-event.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { RunStatus } from '../journal/run-status.js';
import { costText, counted, itemCount, reasonText, untilText, whole } from '../progress/format.js';
import { openProgress } from '../progress/open-progress.js';
import { say } from '../progress/say.js';
import type { BatchCall } from './batch-parts.js';

/** Exit codes of `run` and `resume`. */
export const EXIT = { done: 0, failed: 1, parked: 3 } as const;

/** The options with which the engine works on a run for a command. */
export function engineOptions(
  { arguments: { wait, concurrency }, settings, clock, context }: BatchCall,
  journal: Journal,
): BatchOptions {
  const { journal: _address, checkpointMs, ...configured } = settings;
  return {
    ...configured,
    checkpointMs: checkpointMs ?? undefined,
    journal,
    ...(concurrency !== undefined && { concurrency }),
    wait,
    clock,
    signal: context.signal,
  };
}

/** A run that is being worked on, and its output. */
export interface Work {
  readonly journal: Journal;
  readonly events: Observable<RunEvent>;
  /** Undefined: the answers stay in the journal. */
  readonly output: OutputFile | undefined;
  /** Others work on it; here it is only watched. */
  readonly isWatched?: true;
}

/**
 * Works on a run until it ends, is parked, or is stopped; then writes its output and says how to go on.
 * @returns the exit code
 * @throws AbortError if a signal has stopped the work
 */
export async function workOn(call: BatchCall, { journal, events, output, isWatched }: Work): Promise<number> {
  const { context, clock } = call;
  const progress = openProgress({ stderr: context.stderr, journal, clock });
  let name = '';
  const watch = (event: RunEvent): void => {
    if (event.type === 'run-start') ({ name } = event.run);
    progress.take(event);
  };
  const end = await lastValueFrom(events.pipe(tap(watch)))
    .finally(() => progress.close())
    .catch((error: unknown) => {
      if (!context.signal.aborted || !RunError.is(error) || error.code !== 'unavailable') throw error;
      say(context.stderr, shown`${error.message}`);
      say(context.stderr, shown`Stopped. Text that the journal could not take is lost; the rest is kept.`);
      say(context.stderr, shown`Go on with: ${resumeCommand(name)}`);
      throw new AbortError(`The run "${name}" was stopped.`, { cause: error });
    });
  if (end.type !== 'run-end') throw new Error('The work on a run did not end with run-end.');
  say(context.stderr, summary(end.run));
  if (output !== undefined) await putOutput(call, { journal, run: end.run, output });
  if (isWatched === true && end.reason === 'stopped')
    say(context.stderr, shown`The workers go on. Watch them with: ${watchCommand(name)}`);
  else for (const line of howToGoOn(end, clock.now())) say(context.stderr, line);
  if (end.reason === 'stopped') throw new AbortError(`The run "${end.run.name}" was stopped.`);
  return end.run.state === 'done' ? EXIT.done : end.reason === 'ended' ? EXIT.failed : EXIT.parked;
}

function summary(run: RunStatus): Shown {
  const { done, failed, cancelled, parked } = run.items;
  const others = [
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(cancelled > 0 ? [`${whole(cancelled)} cancelled`] : []),
    ...(parked > 0 ? [`${whole(parked)} parked`] : []),
  ];
  const counts = [`${whole(done)} of ${counted(itemCount(run), 'item')} done`, ...others].join(', ');
  return shown`Run "${run.name}": ${counts}; ${counted(run.words, 'word')}, ${costText(run.cost)}`;
}

async function putOutput(
  { context: { stderr } }: BatchCall,
  { journal, run, output }: { readonly journal: Journal; readonly run: RunStatus; readonly output: OutputFile },
): Promise<void> {
  try {
    const written = await writeOutput(journal, run, output);
    if (written === undefined) return;
    say(
      stderr,
      written.isWhole ? shown`The answers are in ${written.path}` : shown`The answers so far are in ${written.path}`,
    );
  } catch (error) {
    say(stderr, shown`The answers are kept. Write them with: scriptorium batch export ${quoted(run.name)} -o FILE`);
    throw error;
  }
}

function howToGoOn({ run, reason }: RunEnd, now: number): readonly Shown[] {
  const resume = resumeCommand(run.name);
  switch (reason) {
    case 'ended':
      if (run.state === 'done') return [];
      if (run.state === 'cancelled') return [shown`The run was cancelled.`];
      return [
        shown`See what has failed with: scriptorium batch status ${quoted(run.name)}`,
        shown`Try the failed items again with: ${resume}`,
      ];
    case 'parked': {
      const until = run.until === undefined ? 'until it is resumed' : untilText(run.until, now);
      const why = reasonText(run.reason);
      const more = run.reason === 'budget' ? ' --budget DOLLARS' : '';
      return [
        shown`Parked ${until}${why === undefined ? '' : `: ${why}`}`,
        run.until === undefined
          ? shown`Go on with: ${resume}${more}`
          : shown`Go on then with: ${resume} (with --wait it goes on by itself)`,
      ];
    }
    case 'paused':
      return [shown`The run is paused. Go on with: ${resume}`];
    case 'stopped':
      return [shown`Stopped; nothing is lost. Go on with: ${resume}`];
    default:
      return reason satisfies never;
  }
}

function resumeCommand(name: string): string {
  return `scriptorium batch resume ${quoted(name)}`;
}

/** The command that follows the work of others on a run. */
export function watchCommand(name: string): string {
  return `scriptorium batch status ${quoted(name)} --watch`;
}

/** A name as a word of a shell. */
export function quoted(name: string): string {
  return /^[\w./:@%+,=][\w./:@%+,=-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
