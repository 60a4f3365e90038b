import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/errors/classify.js';
import type { Logger } from '../core/ports.js';
import type { SinkCounts, Stat, StatSink } from '../core/stats.js';
import { guarded } from '../core/util/guarded.js';
import { isPromise } from '../core/util/maybe-promise.js';

/** A slower `record` delays all generations, so it is reported in the log. */
const SLOW_MS = 20;
/** Maximum number of stats that wait for a sink whose `record` returns promises; further ones are dropped. */
const MOST_QUEUED = 10_000;
const NO_BACKLOG = { queued: 0, dropped: 0 };

/** A sink whose `record` may return a promise, against the contract. */
type AnySink = Omit<StatSink, 'record'> & { record(stat: Stat): unknown };

/**
 * Isolates a sink: its faults never reach a generation. Each kind of fault is counted, and logged once. If `record`
 * returns a promise, against the contract, the next stat is passed after it has settled; the others wait in a bounded
 * queue.
 */
export class SinkFeed implements StatSink {
  private readonly queue: Stat[] = [];
  private busy: Promise<void> | undefined;
  private isClosed = false;
  private readonly tally = { recorded: 0, failed: 0, slow: 0, dropped: 0 };
  private readonly logged = new Set<string>();

  constructor(
    private readonly sink: AnySink,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  get name(): string {
    return this.sink.name;
  }

  get counts(): SinkCounts {
    const behind = this.behind();
    return {
      name: this.name,
      ...this.tally,
      queued: this.waiting + behind.queued,
      dropped: this.tally.dropped + behind.dropped,
    };
  }

  record(stat: Stat): void {
    if (this.busy === undefined && !this.isClosed) this.hand(stat);
    else if (this.queue.length < MOST_QUEUED && !this.isClosed) this.queue.push(stat);
    else this.drop(1, this.isClosed ? 'is closed' : `cannot keep up: ${MOST_QUEUED} stats are waiting`);
  }

  async flush(): Promise<void> {
    while (this.busy !== undefined && !this.isClosed) await this.busy;
    if (!this.isClosed) await this.sink.flush?.();
  }

  async close(): Promise<void> {
    const left = this.waiting;
    this.isClosed = true;
    this.queue.length = 0;
    if (left > 0) this.drop(left, 'was closed before it had recorded all stats');
    const { recorded, failed, dropped } = this.tally;
    if (failed + dropped > 0)
      this.warn(`missed ${failed + dropped} of ${recorded + failed + dropped} stats in total`, { failed, dropped });
    await this.sink.close?.();
  }

  private get waiting(): number {
    return this.isClosed || this.busy === undefined ? 0 : this.queue.length + 1;
  }

  private hand(stat: Stat): void {
    const before = this.clock.monotonic();
    const outcome = this.attempt(stat);
    const tookMs = this.clock.monotonic() - before;
    if ('error' in outcome) this.fail('threw', outcome.error);
    else if (outcome.promise === undefined) this.tally.recorded += 1;
    else this.busy = this.wait(outcome.promise);
    if (tookMs > SLOW_MS) this.recordSlow(tookMs);
  }

  private attempt(stat: Stat): { readonly promise: PromiseLike<unknown> | undefined } | { readonly error: unknown } {
    try {
      const result = this.sink.record(stat);
      return { promise: isPromise(result) ? result : undefined };
    } catch (error) {
      return { error };
    }
  }

  /** The sink's own queue, as it reports it. */
  private behind(): ReturnType<NonNullable<StatSink['backlog']>> {
    try {
      return this.sink.backlog?.() ?? NO_BACKLOG;
    } catch {
      return NO_BACKLOG;
    }
  }

  private async wait(result: PromiseLike<unknown>): Promise<void> {
    try {
      await result;
      // After the close it was already counted as dropped.
      if (!this.isClosed) this.tally.recorded += 1;
    } catch (error) {
      if (!this.isClosed) this.fail('rejected', error);
    }
    this.busy = undefined;
    for (let next = this.next(); next !== undefined; next = this.next()) this.hand(next);
  }

  /** The next stat; undefined also while the sink is busy. */
  private next(): Stat | undefined {
    return this.busy === undefined ? this.queue.shift() : undefined;
  }

  private fail(how: string, error: unknown): void {
    this.tally.failed += 1;
    this.once(how, how, { reason: reasonOf(error) });
  }

  private recordSlow(tookMs: number): void {
    this.tally.slow += 1;
    this.once('slow', `took ${Math.round(tookMs)} ms`);
  }

  private drop(count: number, why: string): void {
    this.tally.dropped += count;
    this.once('dropped', why);
  }

  private once(kind: string, what: string, fields = {}): void {
    if (this.logged.has(kind)) return;
    this.logged.add(kind);
    this.warn(`${what}; further faults of this kind are counted, not logged`, fields);
  }

  private readonly warn = guarded((what: string, fields: object): void => {
    this.logger.warn(`stat sink "${this.name}" ${what}`, { sink: this.name, ...fields });
  });
}
