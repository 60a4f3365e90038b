import { shown } from 'scriptorium/plugin';
import type { Cancel, Clock, Shown } from 'scriptorium/plugin';
import type { ItemRunner, NextItem } from '../engine/item-runner.js';
import type { RunEvent } from '../engine/run-event.js';
import { hintFor } from '../engine/run-queue.js';
import type { RunQueue } from '../engine/run-queue.js';
import { RunError } from '../journal/run-error.js';
import { eventText } from '../progress/event-text.js';
import { reportWords } from './item-words.js';
import { requeue } from './requeue-command.js';

/** Dependencies of `QueueWork`. */
export interface QueueWorkParts {
  readonly runner: ItemRunner;
  readonly queue: RunQueue;
  readonly clock: Clock;
  readonly concurrency: number;
  readonly log: (line: Shown) => void;
}

/** The journal is asked this often for runs of which no hint has come. */
const POLL_MS = 15_000;
/** After the ends of items, others of the run may be ready: its workers are notified at most so often. */
const NOTIFY_MS = 500;
/** The longest time for the queue to be left, when all work has ended. */
const LEAVE_MS = 5_000;

/** The work on what a queue hints, until a signal or an error that concerns every item. */
export class QueueWork {
  private readonly names = new Map<string, string>();
  private readonly notifications = new Map<string, Cancel>();
  private readonly inFlight = new Set<Promise<unknown>>();
  private failure: { readonly error: unknown } | undefined;
  private isAway = false;
  private isStopped = false;
  private cancelPoll: Cancel = () => undefined;
  private end: () => void = () => undefined;

  constructor(private readonly parts: QueueWorkParts) {}

  /** @throws the error that concerns every item */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, runner, clock, concurrency, log } = this.parts;
    const ended = new Promise<void>((resolve) => (this.end = resolve));
    const served = await queue.serve({
      concurrency,
      work: (run, report) => this.work(run, reportWords(clock, report)),
      onAway: (message) => this.away(message),
      onBack: () => this.back(),
    });
    const stop = (): void => this.end();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    log(shown`Ready for ${concurrency} items at once.`);
    this.poll();
    await ended;
    signal.removeEventListener('abort', stop);
    this.isStopped = true;
    this.cancelPoll();
    if (runner.count > 0) log(shown`Stopping: ${runner.count} items are given back with what is written of them.`);
    runner.stop();
    await this.closing(served.close());
    for (const cancel of this.notifications.values()) cancel();
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** A line for an event of an item. */
  take(event: RunEvent, run: string | undefined): void {
    const text = eventText(event, this.parts.clock.now());
    if (text === undefined) return;
    this.parts.log(run === undefined ? text : shown`${this.names.get(run) ?? run}/${text}`);
  }

  private work(run: string | undefined, listener?: (event: RunEvent) => void): Promise<NextItem> {
    const worked = this.tryToWork(run, listener);
    this.inFlight.add(worked);
    return worked.finally(() => this.inFlight.delete(worked));
  }

  /** Does not reject. */
  private async tryToWork(run?: string, listener?: (event: RunEvent) => void): Promise<NextItem> {
    if (this.isStopped) return { type: 'stopped' };
    try {
      if (run !== undefined && !this.names.has(run)) await this.learnNames();
      const next = await this.parts.runner.workOnNext(run, listener);
      if (next.type === 'worked') this.notifySoon(next.lease.run);
      return next;
    } catch (error) {
      // A run that was removed, or one of another journal.
      if (RunError.is(error) && error.code === 'unknown-run') return { type: 'nothing', isBusy: false };
      this.failure ??= { error };
      this.end();
      return { type: 'stopped' };
    }
  }

  private async learnNames(): Promise<void> {
    for (const { id, name } of await this.parts.runner.journal.runs()) this.names.set(id, name);
  }

  private notifySoon(run: string): void {
    const { clock, runner, queue } = this.parts;
    if (this.notifications.has(run) || this.isStopped) return;
    const notify = async (): Promise<void> => {
      this.notifications.delete(run);
      const hint = hintFor(await runner.journal.status(run), clock.now());
      if (hint !== undefined && !this.isAway) await queue.hint(hint);
    };
    // The next poll does what this one cannot.
    this.notifications.set(
      run,
      clock.setTimer(NOTIFY_MS, () => void notify().catch(() => undefined)),
    );
  }

  /** Hints may be lost, and the queue with them: whatever can go on is hinted again. Without a queue, items are claimed directly. */
  private poll(): void {
    const { clock, queue, runner } = this.parts;
    if (this.isStopped) return;
    if (this.isAway) this.workDirectly();
    else void requeue({ journal: runner.journal, queue, now: clock.now() }).catch(() => undefined);
    this.cancelPoll = clock.setTimer(POLL_MS, () => this.poll());
  }

  private workDirectly(): void {
    for (let free = this.parts.concurrency - this.inFlight.size; free > 0; free--) void this.workWhileAway();
  }

  private async workWhileAway(): Promise<void> {
    while (this.isAway && (await this.work(undefined)).type === 'worked');
  }

  private away(message: string): void {
    this.isAway = true;
    this.parts.log(shown`The queue does not answer. Items are taken from the journal until it does: ${message}`);
  }

  private back(): void {
    this.isAway = false;
    this.parts.log(shown`The queue answers again.`);
    this.cancelPoll();
    this.poll();
  }

  /** A queue that is away cannot be left in order: its jobs are found by others when their locks end. */
  private async closing(closed: Promise<void>): Promise<void> {
    await Promise.all(this.inFlight);
    const { clock } = this.parts;
    await Promise.race([closed, new Promise<void>((resolve) => void clock.setTimer(LEAVE_MS, resolve))]);
  }
}
