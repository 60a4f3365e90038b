import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { GatheredHash } from '../../../src/testing/simulation/gathered-hash.js';

describe('a gathered hash', () => {
  it.each([
    { pieces: [] },
    { pieces: ['one\n', 'two\n'] },
    { pieces: ['Größe ✓ 🐋\n', Buffer.from('Ahab'), '\ud83d'] },
    { pieces: Array.from({ length: 20_000 }, (_, index) => `line ${index} ü\n`) },
    { pieces: ['before', 'long '.repeat(20_000), Buffer.alloc(100_000, 7), 'after'] },
    { pieces: [Buffer.alloc(32 * 1024, 1), Buffer.alloc(1, 2)] },
  ])('is the SHA-256 of its pieces, $pieces.length of them', ({ pieces }) => {
    const [gathered, plain] = [new GatheredHash(), createHash('sha256')];
    for (const piece of pieces) {
      gathered.update(piece);
      plain.update(piece);
    }
    expect(gathered.sum()).toBe(plain.digest('hex'));
  });

  it('goes on after its sum', () => {
    const gathered = new GatheredHash().update('one');
    const first = gathered.sum();
    expect({ first, last: gathered.update('two').sum() }).toEqual({
      first: createHash('sha256').update('one').digest('hex'),
      last: createHash('sha256').update('onetwo').digest('hex'),
    });
  });
});
