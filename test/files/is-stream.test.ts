import { describe, expect, it } from '@jest/globals';
import { isStream } from '../../src/files/is-stream.js';

describe('a path', () => {
  it.each([
    ['/dev/stdout', true],
    ['/dev/fd/3', true],
    ['/proc/self/fd/1', true],
    ['/dev/null', true],
    ['/dev/shm/no-such-book.txt', false],
    ['no-such-book.txt', false],
  ])('%s is that of a stream: %p', async (path, expected) => {
    expect(await isStream(path)).toBe(expected);
  });
});
