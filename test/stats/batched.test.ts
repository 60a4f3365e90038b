import { describe, expect, it } from '@jest/globals';
import { batched } from 'scriptorium/plugin';
import type { BatchedOptions } from 'scriptorium/plugin';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { MemoryLogger } from '../chain/observe/memory-logger.js';

type Write = BatchedOptions<number>['write'];

/** A queue of numbers before a writer that keeps what it is given. */
function aQueue(options: Partial<BatchedOptions<number>> = {}) {
  const [clock, logger, batches] = [new ManualClock(), new MemoryLogger(), [] as (readonly number[])[]];
  const queue = batched<number>({
    name: 'numbers',
    clock,
    logger,
    write: (batch) => void batches.push(batch),
    ...options,
  });
  return {
    clock,
    logger,
    batches,
    queue,
    addAll: (...items: readonly number[]) => items.forEach((item) => queue.add(item)),
  };
}

/** A writer that can be told to fail, and keeps every batch it was offered. */
function aMoodyWriter(): { readonly write: Write; readonly offered: (readonly number[])[]; works: boolean } {
  const writer = {
    works: false,
    offered: [] as (readonly number[])[],
    write: (batch: readonly number[]) => {
      writer.offered.push(batch);
      if (!writer.works) throw new Error('no disk');
    },
  };
  return writer;
}

/** A writer that ends when it is told to. */
function aSlowWriter() {
  const ends: (() => void)[] = [];
  return {
    ends,
    write: (): Promise<void> =>
      new Promise((resolve) => {
        ends.push(resolve);
      }),
  };
}

/** Lets promises that have settled tell of it. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function passes(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

/** Lets time pass until it is done. */
async function isOver(work: Promise<void>, clock: ManualClock): Promise<void> {
  const state = { isOver: false };
  void work.then(() => {
    state.isOver = true;
  });
  for (let turn = 0; turn < 1_000 && !state.isOver; turn += 1) await passes(clock, 10);
  await work;
}

describe('a batched queue', () => {
  it('writes nothing while items gather, and then all of them in their order', async () => {
    const { clock, queue, batches, addAll } = aQueue({ everyMs: 200 });
    addAll(1, 2, 3);
    await passes(clock, 199);
    expect(batches).toEqual([]);
    await passes(clock, 1);
    expect(batches).toEqual([[1, 2, 3]]);
    expect(queue.counts).toEqual({ queued: 0, written: 3, dropped: 0 });
    expect(clock.pending).toBe(0);
  });

  it('writes no batch larger than it may be, and does not dawdle while a full one waits', async () => {
    const { clock, batches, addAll } = aQueue({ maxBatch: 2, everyMs: 200 });
    addAll(1, 2, 3, 4, 5);
    await passes(clock, 200);
    await passes(clock, 0);
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await passes(clock, 200);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('never writes twice at once', async () => {
    const { ends, write } = aSlowWriter();
    const { clock, queue, addAll } = aQueue({ write, maxBatch: 1 });
    addAll(1, 2);
    await passes(clock, 200);
    void queue.flush();
    await passes(clock, 1_000);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await settle();
    expect(ends).toHaveLength(2);
  });

  it('drops and counts what finds no room, and logs it once', () => {
    const { queue, logger, addAll } = aQueue({ maxQueued: 2 });
    addAll(1, 2, 3, 4);
    expect(queue.counts).toEqual({ queued: 2, written: 0, dropped: 2 });
    expect(logger.messages).toEqual([
      'warn: stat sink "numbers" cannot keep up: 2 records are waiting; records are dropped and counted',
    ]);
  });

  it('counts what is being written as waiting', async () => {
    const { ends, write } = aSlowWriter();
    const { clock, queue, addAll } = aQueue({ write, maxQueued: 2 });
    addAll(1, 2);
    await passes(clock, 200);
    addAll(3);
    expect([ends.length, queue.counts]).toEqual([1, { queued: 2, written: 0, dropped: 1 }]);
  });

  it('offers the very same batch again after growing pauses, and goes on behind it', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, logger, addAll } = aQueue({ write: writer.write, everyMs: 200 });
    addAll(1);
    await passes(clock, 200);
    addAll(2);
    await passes(clock, 399);
    expect(writer.offered).toHaveLength(1);
    writer.works = true;
    await passes(clock, 1);
    expect(writer.offered[1]).toBe(writer.offered[0]);
    await passes(clock, 200);
    expect(writer.offered).toEqual([[1], [1], [2]]);
    expect(queue.counts).toEqual({ queued: 0, written: 2, dropped: 0 });
    expect(logger.lines.map(({ fields }) => fields)).toEqual([{ sink: 'numbers', reason: 'no disk' }]);
  });

  it('offers again what a writer rejects, as what it throws', async () => {
    const { clock, queue, addAll } = aQueue({ write: () => Promise.reject(new Error('no disk')) });
    addAll(1);
    await passes(clock, 200);
    expect(queue.counts).toEqual({ queued: 1, written: 0, dropped: 0 });
    expect(clock.pending).toBe(1);
  });

  it('gives a batch up after eight tries, counts it, and goes on with the next one', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, logger, addAll } = aQueue({ write: writer.write, maxBatch: 2 });
    addAll(1, 2, 3);
    for (let tries = 0; tries < 8; tries += 1) await passes(clock, 30_000);
    expect(queue.counts).toEqual({ queued: 1, written: 0, dropped: 2 });
    writer.works = true;
    await passes(clock, 30_000);
    expect(queue.counts).toEqual({ queued: 0, written: 1, dropped: 2 });
    expect(logger.messages).toEqual([
      'warn: stat sink "numbers" cannot write and will retry; further failures are not logged',
      'warn: stat sink "numbers" discarded a batch after 8 attempts; records are dropped and counted',
    ]);
  });

  it('is not stopped by a logger that throws', async () => {
    const writer = aMoodyWriter();
    const broken = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: () => {
        throw new Error('no log');
      },
    };
    const { clock, queue, addAll } = aQueue({ write: writer.write, logger: broken, maxQueued: 1 });
    addAll(1, 2);
    await passes(clock, 200);
    writer.works = true;
    await passes(clock, 400);
    expect(queue.counts).toEqual({ queued: 0, written: 1, dropped: 1 });
  });
});

describe('a flush of a batched queue', () => {
  it('writes at once what waits, batch after batch, and leaves no timer', async () => {
    const { clock, queue, batches, addAll } = aQueue({ maxBatch: 2 });
    addAll(1, 2, 3);
    await queue.flush();
    expect(batches).toEqual([[1, 2], [3]]);
    expect(clock.pending).toBe(0);
  });

  it('offers a batch that fails again and again for a second, does not reject, and keeps what waits for later', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, addAll } = aQueue({ write: writer.write, maxBatch: 1 });
    addAll(1, 2);
    await isOver(queue.flush(), clock);
    expect(writer.offered).toEqual(Array(7).fill([1]));
    expect([clock.monotonic() > 900, clock.monotonic() < 1_100]).toEqual([true, true]);
    writer.works = true;
    await passes(clock, 30_000);
    await passes(clock, 0);
    expect(queue.counts).toEqual({ queued: 0, written: 2, dropped: 0 });
  });

  it('gets past somebody who holds a lock for a moment', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, addAll } = aQueue({ write: writer.write, maxBatch: 1 });
    addAll(1, 2);
    const flushed = queue.flush();
    await passes(clock, 100);
    writer.works = true;
    await isOver(flushed, clock);
    expect(queue.counts).toEqual({ queued: 0, written: 2, dropped: 0 });
    expect(clock.pending).toBe(0);
  });

  it('has its second also for a batch that had failed often before', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, addAll } = aQueue({ write: writer.write, everyMs: 10 });
    addAll(1);
    for (const pauseMs of [10, 20, 40, 80, 160]) await passes(clock, pauseMs);
    expect(writer.offered.length).toBeGreaterThanOrEqual(4);
    const flushed = queue.flush();
    await passes(clock, 300);
    writer.works = true;
    await isOver(flushed, clock);
    expect(queue.counts).toEqual({ queued: 0, written: 1, dropped: 0 });
  });

  it('is one with another that begins meanwhile, and a close waits for it', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, addAll } = aQueue({ write: writer.write });
    addAll(1);
    const ends = Promise.all([queue.flush(), queue.flush(), queue.close(), queue.close()]).then(() => undefined);
    await passes(clock, 20);
    writer.works = true;
    await isOver(ends, clock);
    expect(clock.monotonic()).toBeLessThan(200);
    expect(queue.counts).toEqual({ queued: 0, written: 1, dropped: 0 });
  });

  it('leaves no timer where a write that was under way has failed meanwhile', async () => {
    const fails: (() => void)[] = [];
    const writes: (readonly number[])[] = [];
    const write = (batch: readonly number[]): Promise<void> => {
      writes.push(batch);
      return writes.length > 1
        ? Promise.resolve()
        : new Promise((_, reject) => {
            fails.push(() => reject(new Error('no disk')));
          });
    };
    const { clock, queue, addAll } = aQueue({ write });
    addAll(1);
    await passes(clock, 200);
    const closed = queue.close();
    fails[0]?.();
    await isOver(closed, clock);
    await passes(clock, 60_000);
    expect({ writes, pending: clock.pending, counts: queue.counts }).toEqual({
      writes: [[1], [1]],
      pending: 0,
      counts: { queued: 0, written: 1, dropped: 0 },
    });
  });

  it('ends when its time is up, however long the writer takes', async () => {
    const { ends, write } = aSlowWriter();
    const { clock, queue, addAll } = aQueue({ write, flushMs: 4_000 });
    addAll(1);
    let hasEnded = false;
    const flushed = queue.flush().then(() => {
      hasEnded = true;
    });
    await passes(clock, 3_999);
    expect(hasEnded).toBe(false);
    await passes(clock, 1);
    await flushed;
    expect([ends.length, queue.counts.queued]).toEqual([1, 1]);
  });
});

describe('the close of a batched queue', () => {
  it('writes what waits, and from then on drops everything', async () => {
    const { clock, queue, batches, logger, addAll } = aQueue();
    addAll(1);
    await queue.close();
    addAll(2);
    expect(batches).toEqual([[1]]);
    expect(queue.counts).toEqual({ queued: 0, written: 1, dropped: 1 });
    expect(logger.messages).toEqual(['warn: stat sink "numbers" is closed; records are dropped and counted']);
    expect(clock.pending).toBe(0);
  });

  it('counts and logs what cannot be written any more', async () => {
    const writer = aMoodyWriter();
    const { clock, queue, logger, addAll } = aQueue({ write: writer.write });
    addAll(1, 2);
    await isOver(queue.close(), clock);
    expect(queue.counts).toEqual({ queued: 0, written: 0, dropped: 2 });
    expect(logger.messages.at(-1)).toBe('warn: stat sink "numbers" lost 2 of 2 records in total');
    expect(clock.pending).toBe(0);
  });

  it('does not wait a second time for a writer that has just held up the flush', async () => {
    const { ends, write } = aSlowWriter();
    const { clock, queue, addAll } = aQueue({ write });
    addAll(1);
    const flushed = queue.flush();
    await passes(clock, 4_000);
    await flushed;
    await queue.close();
    expect(queue.counts).toEqual({ queued: 0, written: 0, dropped: 1 });
    ends[0]?.();
    await settle();
    expect(queue.counts).toEqual({ queued: 0, written: 0, dropped: 1 });
  });

  it('can be called twice', async () => {
    const { queue, batches, addAll } = aQueue();
    addAll(1);
    await queue.close();
    await queue.close();
    expect(batches).toEqual([[1]]);
  });
});
