import type pg from 'pg';
import { Observable, Subject } from 'rxjs';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { RunChange } from 'scriptorium/plugins/runs';
import type { Database } from './database.js';

const POLL_MS = 1_000;

/**
 * The changes of a journal: those of this process at once, and those of others by notifications of the server while someone
 * watches. Once a second the journal is asked as well: for text that has grown, of which nobody is notified, and for
 * everything that was missed while the connection was lost.
 */
export class Changes {
  private readonly own = new Subject<RunChange>();
  private watchers = 0;
  private isClosed = false;
  private cancelPoll: Cancel | undefined;
  private listener: pg.Client | undefined;
  private counts: ReadonlyMap<string, RunCount> | undefined;
  private polling: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Reports a change by this process. */
  report(change: RunChange): void {
    this.own.next(change);
  }

  /** @param run its id or its name; all runs if left out */
  of(run: string | undefined): Observable<RunChange> {
    return new Observable((subscriber) => {
      const subscription = this.own.subscribe({
        next: (change) => {
          if (run === undefined || change.run === run || this.counts?.get(change.run)?.name === run)
            subscriber.next(change);
        },
        complete: () => subscriber.complete(),
      });
      this.watchers += 1;
      if (this.watchers === 1) this.poll();
      return () => {
        subscription.unsubscribe();
        this.watchers -= 1;
        if (this.watchers === 0) this.end();
      };
    });
  }

  /** Completes all watches. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.own.complete();
    this.end();
    await this.polling;
  }

  private end(): void {
    this.cancelPoll?.();
    this.cancelPoll = undefined;
    this.counts = undefined;
    this.letGo();
  }

  private poll(): void {
    this.cancelPoll = undefined;
    this.polling = this.look().finally(() => {
      if (!this.isWatched) this.letGo();
      else this.cancelPoll ??= this.clock.setTimer(POLL_MS, () => this.poll());
    });
  }

  private get isWatched(): boolean {
    return this.watchers > 0 && !this.isClosed;
  }

  /** Reports what has changed since the last time; the first time every run, since it may have changed meanwhile. */
  private async look(): Promise<void> {
    try {
      await this.listen();
      const counts = await this.counted();
      if (!this.isWatched) return;
      const before = this.counts;
      this.counts = counts;
      for (const [run, { changes }] of counts) if (before?.get(run)?.changes !== changes) this.own.next({ run });
      for (const run of before?.keys() ?? []) if (!counts.has(run)) this.own.next({ run });
    } catch {
      this.letGo(); // the next look connects anew, and finds what has changed
    }
  }

  private async listen(): Promise<void> {
    if (this.listener !== undefined) return;
    const listener = await this.database.connect();
    this.listener = listener;
    listener.on('end', () => {
      if (this.listener === listener) this.listener = undefined;
    });
    listener.on('notification', (notification) => this.take(notification));
    await listener.query(`LISTEN "${this.database.address.schema}.runs"`);
  }

  private letGo(): void {
    const { listener } = this;
    this.listener = undefined;
    listener?.end().catch(() => undefined);
  }

  private take({ processId, payload = '' }: pg.Notification): void {
    if (!this.isWatched || this.database.backends.has(processId)) return;
    const [run = '', ...item] = payload.split(' ');
    this.own.next({ run, ...(item.length > 0 && { item: item.join(' ') }) });
  }

  private async counted(): Promise<ReadonlyMap<string, RunCount>> {
    const rows = await this.database.all<RunCount & { readonly id: string }>(COUNTS(this.database.address.schema));
    return new Map(rows.map(({ id, name, changes }) => [id, { name, changes }]));
  }
}

/** How often a run has changed. Checkpoints of text alone change no counter. */
interface RunCount {
  readonly name: string;
  readonly changes: number;
}

const COUNTS = (s: string): string => `SELECT id, name, changes + coalesce(
  (SELECT sum(bytes) FROM ${s}.items WHERE run = runs.key AND state = 'leased'), 0) AS changes FROM ${s}.runs`;
