import { Observable, Subject } from 'rxjs';
import type { Cancel, Clock } from 'scriptorium/plugin';
import type { RunChange } from '../journal/run-status.js';
import type { Connection } from './connection.js';

const POLL_MS = 1_000;

/** Checkpoints of text alone change no counter of a run. */
const COUNTS = `SELECT id, name, changes + COALESCE(
  (SELECT SUM(bytes) FROM items WHERE items.run = runs.key AND items.state = 'leased'), 0) AS changes FROM runs`;

/**
 * The changes of a journal: those of this process at once, and those of others by asking SQLite once a second, while someone
 * watches.
 */
export class Changes {
  private readonly own = new Subject<RunChange>();
  private watchers = 0;
  private cancelPoll: Cancel | undefined;
  private version: number | undefined;
  private counts: ReadonlyMap<string, RunCount> = new Map();

  constructor(
    private readonly connection: Connection,
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
          if (run === undefined || change.run === run || this.counts.get(change.run)?.name === run)
            subscriber.next(change);
        },
        complete: () => subscriber.complete(),
      });
      this.watchers += 1;
      if (this.watchers === 1) this.begin();
      return () => {
        subscription.unsubscribe();
        this.watchers -= 1;
        if (this.watchers === 0) this.end();
      };
    });
  }

  /** Completes all watches. */
  close(): void {
    this.own.complete();
    this.end();
  }

  private begin(): void {
    this.version = this.connection.dataVersion();
    this.counts = this.counted() ?? new Map();
    this.wait();
  }

  private end(): void {
    this.cancelPoll?.();
    this.cancelPoll = undefined;
  }

  private wait(): void {
    this.cancelPoll = this.clock.setTimer(POLL_MS, () => {
      this.wait();
      this.poll();
    });
  }

  private poll(): void {
    const version = this.connection.dataVersion();
    if (version === undefined || version === this.version) return;
    const counts = this.counted();
    if (counts === undefined) return;
    const before = this.counts;
    [this.version, this.counts] = [version, counts];
    for (const [run, { changes }] of counts) if (before.get(run)?.changes !== changes) this.own.next({ run });
    for (const run of before.keys()) if (!counts.has(run)) this.own.next({ run });
  }

  private counted(): ReadonlyMap<string, RunCount> | undefined {
    return this.connection.peek((sql) => {
      const rows = sql.all<RunCount & { readonly id: string }>(COUNTS);
      return new Map(rows.map(({ id, name, changes }) => [id, { name, changes }]));
    });
  }
}

/** How often a run has changed. */
interface RunCount {
  readonly name: string;
  readonly changes: number;
}
