import type { Cancel } from '../core/clock.js';
import { reasonOf } from '../core/errors/classify.js';
import { guarded } from '../core/util/guarded.js';
import { withinTime } from '../core/util/within-time.js';
import type { Batched, BatchedOptions } from './batched.js';

const DEFAULTS = { maxQueued: 10_000, maxBatch: 500, everyMs: 200, flushMs: 4_000 };
/** Maximum number of attempts to write a batch. */
const MOST_TRIES = 8;
const LONGEST_PAUSE_MS = 30_000;
/**
 * Half of the first pause between a flush's attempts, which doubles each time. Short, because locks are usually
 * released soon.
 */
const FLUSH_PAUSE_MS = 8;
const FLUSH_TRIES = 7;

/**
 * Creates a bounded queue for a sink that writes in batches. A batch that cannot be written is retried after growing
 * pauses, eight times in all, not counting flushes. Items that do not fit meanwhile are dropped and counted. Only the
 * first failure, the first loss and finally the total loss are logged.
 * @see docs/write-a-sink.md
 * @example
 * ```ts
 * const write = (lines: readonly string[]) => appendFile('stats.jsonl', `${lines.join('\n')}\n`);
 * const queue = batched<string>({ name: 'diary', clock, logger, write });
 * const sink: StatSink = {
 *   name: 'diary',
 *   record: (stat) => queue.add(JSON.stringify(stat)),
 *   backlog: () => queue.counts,
 *   flush: () => queue.flush(),
 *   close: () => queue.close(),
 * };
 * ```
 */
export function batched<T>(options: BatchedOptions<T>): Batched<T> {
  return new BatchQueue({ ...DEFAULTS, ...options });
}

class BatchQueue<T> implements Batched<T> {
  private queue: T[] = [];
  /** Being written, or to be retried. */
  private batch: readonly T[] = [];
  private writing: Promise<boolean> | undefined;
  private cancel: Cancel | undefined;
  private tries = 0;
  private written = 0;
  private dropped = 0;
  private flushing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private isFlushed = true;
  private isFlushing = false;
  private isClosed = false;
  private readonly logged = new Set<string>();

  constructor(private readonly options: Required<BatchedOptions<T>>) {}

  get counts() {
    return { queued: this.queued, written: this.written, dropped: this.dropped };
  }

  private get queued(): number {
    return this.queue.length + this.batch.length;
  }

  add(item: T): void {
    if (this.isClosed || this.queued >= this.options.maxQueued) {
      this.drop(1, this.isClosed ? 'is closed' : `cannot keep up: ${this.options.maxQueued} records are waiting`);
      return;
    }
    this.queue.push(item);
    this.isFlushed = false;
    if (this.writing === undefined) this.schedule(this.options.everyMs);
  }

  flush(): Promise<void> {
    this.flushing ??= this.flushAll().finally(() => {
      this.flushing = undefined;
    });
    return this.flushing;
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async flushAll(): Promise<void> {
    const { clock, flushMs } = this.options;
    this.isFlushed = true;
    this.isFlushing = true;
    this.cancelTimer();
    const endsAt = clock.monotonic() + flushMs;
    await withinTime(this.drain(endsAt), { clock, ms: flushMs, otherwise: undefined });
    this.isFlushing = false;
    this.cancelTimer();
    this.scheduleNext(this.tries === 0);
  }

  private async end(): Promise<void> {
    await this.flushing;
    if (!this.isFlushed) await this.flush();
    this.isClosed = true;
    this.cancelTimer();
    const { queued } = this;
    [this.queue, this.batch] = [[], []];
    if (queued > 0) this.drop(queued, 'was closed before everything was written');
    if (this.dropped > 0) this.warn(`lost ${this.dropped} of ${this.dropped + this.written} records in total`);
  }

  private async drain(endsAt: number): Promise<void> {
    for (
      let failures = 0;
      !this.isClosed && this.queued > 0 && failures < FLUSH_TRIES && this.options.clock.monotonic() < endsAt;
    ) {
      failures = (await this.step()) ? 0 : failures + 1;
      if (failures > 0 && failures < FLUSH_TRIES) await this.pause(FLUSH_PAUSE_MS * 2 ** failures);
    }
  }

  /** Writes one batch. Returns whether it was written. */
  private step(): Promise<boolean> {
    this.writing ??= this.writeBatch().finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  private async writeBatch(): Promise<boolean> {
    if (this.batch.length === 0) this.batch = this.queue.splice(0, this.options.maxBatch);
    const { batch } = this;
    try {
      await this.options.write(batch);
    } catch (error) {
      if (!this.isClosed) this.failed(error);
      return false;
    }
    // Already counted as lost by `close`.
    if (this.isClosed) return false;
    this.written += batch.length;
    this.batch = [];
    this.tries = 0;
    return true;
  }

  private failed(error: unknown): void {
    this.once('failed', 'cannot write and will retry; further failures are not logged', {
      reason: reasonOf(error),
    });
    // A flush has its own limit.
    if (!this.isFlushing) this.tries += 1;
    if (this.tries < MOST_TRIES) return;
    const { length } = this.batch;
    this.batch = [];
    this.tries = 0;
    this.drop(length, `discarded a batch after ${MOST_TRIES} attempts`);
  }

  private pause(ms: number): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.cancel = this.options.clock.setTimer(ms, () => {
        this.cancel = undefined;
        resolve();
      });
    });
  }

  private scheduleNext(isWritten: boolean): void {
    const { queued } = this;
    if (this.isClosed || this.isFlushing || queued === 0) return;
    const { everyMs, maxBatch } = this.options;
    const pauseMs = Math.min(Math.max(everyMs, 1) * 2 ** this.tries, LONGEST_PAUSE_MS);
    this.schedule(isWritten ? (queued >= maxBatch ? 0 : everyMs) : pauseMs);
  }

  private schedule(ms: number): void {
    if (this.isFlushing) return;
    this.cancel ??= this.options.clock.setTimer(ms, () => {
      this.cancel = undefined;
      if (this.queued > 0) void this.step().then((isWritten) => this.scheduleNext(isWritten));
    });
  }

  private cancelTimer(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private drop(count: number, why: string): void {
    this.dropped += count;
    this.once('dropped', `${why}; records are dropped and counted`);
  }

  private once(kind: string, what: string, fields = {}): void {
    if (this.logged.has(kind)) return;
    this.logged.add(kind);
    this.warn(what, fields);
  }

  private readonly warn = guarded((what: string, fields: object = {}): void => {
    const { logger, name } = this.options;
    logger.warn(`stat sink "${name}" ${what}`, { sink: name, ...fields });
  });
}
