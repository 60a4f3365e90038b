import { lastValueFrom, tap } from 'rxjs';
import type { GenerationError, GenerationInput, Pipeline } from 'scriptorium';
import { AbortError } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import { runBatch, workOnRun } from 'scriptorium/plugins/runs';
import type { BatchOptions, Journal, RunEnd, RunEvent, RunStatus } from 'scriptorium/plugins/runs';
import { Parked } from './parked.js';

/** How the runs of the requests are worked on. */
export type EngineOptions = Pick<
  BatchOptions,
  'leaseMs' | 'patienceMs' | 'tries' | 'restarts' | 'checkpointMs' | 'random' | 'worker'
>;

/** Dependencies of `Steps`. */
export interface StepParts {
  readonly pipeline: Pipeline;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether to wait by itself for what is parked. */
  readonly wait: boolean;
  /** `book` tells the runs of this book from others in the journal. */
  readonly labels: Readonly<Record<string, string>> & { readonly book: string };
  /** US dollars for all steps together; undefined: no limit. */
  readonly budgetUsd: number | undefined;
  readonly engine?: EngineOptions | undefined;
}

/** The answer to a request. */
export interface Answer {
  readonly text: string;
  /** The model ended it by itself. */
  readonly isWhole: boolean;
}

/** One request of a book. */
export interface Step {
  /** Names it in the journal: the same name, the same request. */
  readonly name: string;
  readonly input: GenerationInput;
}

/**
 * The requests of a book, each as a run of one item. A request that is in the journal is never made again: a whole answer is read
 * from there, a broken one is gone on with, whatever the program would ask today.
 */
export class Steps {
  constructor(private readonly parts: StepParts) {}

  /** Whether a request was answered. */
  async isDone(name: string): Promise<boolean> {
    return (await this.find(name))?.state === 'done';
  }

  /**
   * The answer to a request.
   * @throws Parked if it cannot go on now, `AbortError` if the signal was aborted, and the error with which it has failed
   */
  async ask(step: Step, watch: (event: RunEvent) => void): Promise<Answer> {
    const { journal, signal } = this.parts;
    if (signal.aborted) throw new AbortError('The work on the book was stopped.');
    const known = await this.find(step.name);
    if (known?.state === 'done') return await this.answerOf(known);
    let failure: GenerationError | undefined;
    const events = await this.events(step, known);
    const end = await lastValueFrom(
      events.pipe(
        tap((event) => {
          if (event.type === 'item-failed') failure = event.error;
          watch(event);
        }),
      ),
    );
    if (end.type !== 'run-end') throw new Error('The work on a run did not end with run-end.');
    if (end.run.state === 'done') return await this.answerOf(await journal.status(end.run.id));
    throw notDone(end, step, failure);
  }

  /** What all requests have cost, and how many were begun. */
  async sums(): Promise<{ readonly requests: number; readonly costUsd: number }> {
    const runs = await this.runs();
    return { requests: runs.length, costUsd: runs.reduce((sum, { cost }) => sum + cost.known + cost.estimated, 0) };
  }

  private async events({ name, input }: Step, known: RunStatus | undefined) {
    const { pipeline, journal, clock, signal, wait, labels, engine } = this.parts;
    const budgetUsd = await this.leftUsd(known);
    const options = { ...engine, journal, clock, signal, wait };
    if (known === undefined)
      return runBatch(pipeline, [{ id: 'answer', input }], { ...options, name: this.nameOf(name), labels, budgetUsd });
    await journal.resume(known.id, budgetUsd === undefined ? {} : { budgetUsd });
    return workOnRun(pipeline, known.id, options);
  }

  /** The budget of a step: what the others have left of the book's. @throws Parked if nothing is left */
  private async leftUsd(known: RunStatus | undefined): Promise<number | undefined> {
    const { budgetUsd } = this.parts;
    if (budgetUsd === undefined) return undefined;
    const spent = (await this.sums()).costUsd;
    const own = known === undefined ? 0 : known.cost.known + known.cost.estimated;
    const left = budgetUsd - spent + own;
    if (left > own) return left;
    throw new Parked('budget');
  }

  private async find(name: string): Promise<RunStatus | undefined> {
    return (await this.runs()).find((run) => run.name === this.nameOf(name));
  }

  /** A journal may keep other books, too. */
  private nameOf(name: string): string {
    return `${this.parts.labels.book}/${name}`;
  }

  private async runs(): Promise<readonly RunStatus[]> {
    const { book } = this.parts.labels;
    return (await this.parts.journal.runs()).filter(({ labels }) => labels['book'] === book);
  }

  private async answerOf({ id }: RunStatus): Promise<Answer> {
    const [record] = await this.parts.journal.records(id);
    if (record === undefined) throw new Error('A run of a book has no item.');
    return { text: record.text, isWhole: record.result?.finishReason.unified === 'stop' };
  }
}

function notDone({ run, reason }: RunEnd, { name }: Step, failure: GenerationError | undefined): Error {
  if (reason === 'stopped') return new AbortError('The work on the book was stopped.');
  if (reason === 'parked' || reason === 'paused') return new Parked(run.reason ?? reason, run.until);
  return failure ?? new Error(`The request "${name}" has ended with "${run.state}" and without an answer.`);
}
