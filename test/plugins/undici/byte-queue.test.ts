import { describe, expect, it } from '@jest/globals';
import { ByteQueue } from '../../../plugins/undici/byte-queue.js';

const PIECE = Buffer.alloc(40 * 1024);

function aQueue(): { readonly queue: ByteQueue; readonly told: string[] } {
  const told: string[] = [];
  const queue = new ByteQueue({
    pause: () => told.push('pause'),
    resume: () => told.push('resume'),
    cancel: () => told.push('cancel'),
  });
  return { queue, told };
}

describe('ByteQueue', () => {
  it('gives what comes to the read that waits, in order', async () => {
    const { queue, told } = aQueue();
    const reads = [queue.next(), queue.next()];
    queue.push(Buffer.from('a'));
    queue.push(Buffer.from('b'));
    expect((await Promise.all(reads)).map(({ value }) => String(value))).toEqual(['a', 'b']);
    queue.end();
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(told).toEqual([]);
  });

  it('pauses its source once while too much waits, and lets it go on when all is read', async () => {
    const { queue, told } = aQueue();
    for (let count = 0; count < 4; count += 1) queue.push(PIECE);
    expect(told).toEqual(['pause']);
    for (let count = 0; count < 3; count += 1) await queue.next();
    expect(told).toEqual(['pause']);
    await queue.next();
    expect(told).toEqual(['pause', 'resume']);
  });

  it('hands over what came before a failure, then the failure once', async () => {
    const { queue } = aQueue();
    queue.push(PIECE);
    queue.fail(new Error('broke'), { isVoid: false });
    queue.push(PIECE);
    expect(await queue.next()).toEqual({ done: false, value: PIECE });
    await expect(queue.next()).rejects.toThrow('broke');
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('hands over nothing more after a failure that voids it', async () => {
    const { queue } = aQueue();
    queue.push(PIECE);
    queue.fail(new Error('aborted'), { isVoid: true });
    await expect(queue.next()).rejects.toThrow('aborted');
  });

  it('fails the read that waits, and ends those behind it', async () => {
    const { queue } = aQueue();
    const [first, second] = [queue.next(), queue.next()];
    queue.fail(new Error('broke'), { isVoid: false });
    await expect(first).rejects.toThrow('broke');
    expect(await second).toEqual({ done: true, value: undefined });
  });

  it('cancels its source when the reader leaves before the end, and only then', async () => {
    const { queue, told } = aQueue();
    queue.push(PIECE);
    for await (const piece of queue) {
      expect(piece).toBe(PIECE);
      break;
    }
    expect(told).toEqual(['cancel']);
    const read = aQueue();
    read.queue.end();
    await read.queue.return();
    expect(read.told).toEqual([]);
  });
});
