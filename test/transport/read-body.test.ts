import { describe, expect, it } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import { readSome, readWhole } from '../../src/transport/read-body.js';

/** A body that gives these pieces and then ends, breaks, or says nothing more. */
async function* body(pieces: readonly string[], then: 'end' | 'break' | 'stall' = 'end'): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
  if (then === 'break') throw new Error('reset');
  if (then === 'stall') await new Promise(() => undefined);
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('readWhole', () => {
  it('joins the pieces, also inside a character, and tells of their bytes', async () => {
    const counts: number[] = [];
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const split = (async function* pieces() {
      yield first;
      yield await Promise.resolve(second);
    })();
    expect(await readWhole(split, 10, (count) => counts.push(count))).toBe('é');
    expect(counts).toEqual([1, 1]);
  });

  it('takes exactly as much as it may, and fails beyond', async () => {
    expect(await readWhole(body(['12345', '67890']), 10, () => undefined)).toBe('1234567890');
    await expect(readWhole(body(['12345', '678901']), 10, () => undefined)).rejects.toMatchObject({
      code: 'buffer-limit',
      retryable: false,
    });
  });

  it('leaves the body when it is too long', async () => {
    let isLeft = false;
    const endless = (async function* pieces() {
      try {
        for (;;) yield await Promise.resolve(Buffer.from('12345'));
      } finally {
        isLeft = true;
      }
    })();
    await expect(readWhole(endless, 10, () => undefined)).rejects.toThrow('longer than 10 bytes');
    expect(isLeft).toBe(true);
  });

  it('fails as the body fails', async () => {
    await expect(readWhole(body(['1'], 'break'), 10, () => undefined)).rejects.toThrow('reset');
  });
});

describe('readSome', () => {
  const some = (source: AsyncIterable<Uint8Array>, clock = new ManualClock()) =>
    readSome(source, { maxBytes: 10, withinMs: 5_000, clock });

  it.each([
    ['a whole body', body(['123', '456']), '123456'],
    ['no more than it may', body(['12345', '67890abc', 'def']), '1234567890'],
    ['what came before a break', body(['123'], 'break'), '123'],
    ['nothing of an empty body', body([]), ''],
  ])('reads %s', async (_, source, expected) => {
    const clock = new ManualClock();
    expect(await some(source, clock)).toBe(expected);
    expect(clock.pending).toBe(0);
  });

  it('waits no longer than it may, and gives what has come', async () => {
    const clock = new ManualClock();
    const reading = some(body(['123'], 'stall'), clock);
    let text: string | undefined;
    void reading.then((value) => {
      text = value;
    });
    await settled();
    clock.advance(4_999);
    await settled();
    expect(text).toBeUndefined();
    clock.advance(1);
    expect(await reading).toBe('123');
    expect(clock.pending).toBe(0);
  });
});
