import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { isStream } from '../../src/files/is-stream.js';

describe('a path', () => {
  it.each([
    ['/dev/stdout', true],
    ['/dev/fd/3', true],
    ['/proc/self/fd/1', true],
    ['/dev/null', true],
    ['/dev/stdin', true],
    ['/dev/stderr', true],
    ['/dev/../dev/fd/99', true],
    ['/proc/no-such-process/fd/1', true],
    ['/dev/stdoutside', false],
    ['/no-such-disk/dev/stdout', false],
    ['/no-such-disk/proc/1', false],
    ['/', false],
    [fileURLToPath(import.meta.url), false],
    ['/dev/shm/no-such-book.txt', false],
    ['no-such-book.txt', false],
  ])('%s is that of a stream: %p', async (path, expected) => {
    expect(await isStream(path)).toBe(expected);
  });
});
