import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import { fsyncFormat } from '../../../plugins/jsonl/fsync.js';
import { LineFile } from '../../../plugins/jsonl/line-file.js';
import type { LineFileOptions } from '../../../plugins/jsonl/line-file.js';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-jsonl-'));
  file = join(folder, 'stats.jsonl');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const read = (name = 'stats.jsonl'): string => readFileSync(join(folder, name), 'utf8');
const aFile = (options: Partial<LineFileOptions> = {}): LineFile =>
  new LineFile({ file, maxBytes: 0, keep: 2, fsync: 'never', clock: new ManualClock(), ...options });

describe('a file of lines', () => {
  it('is appended to, also where it was there before', async () => {
    await aFile().append(['a\n', 'b\n']);
    await aFile().append(['c\n']);
    expect(read()).toBe('a\nb\nc\n');
  });

  it('begins a new line after half a one that a killed program has left', async () => {
    writeFileSync(file, '{"half');
    await aFile().append(['a\n']);
    expect(read()).toBe('{"half\na\n');
  });

  it('is rotated before it grows beyond its size, and never within a line', async () => {
    await aFile({ maxBytes: 4 }).append(['a\n', 'b\n', 'c\n']);
    expect([read('stats.jsonl.1'), read()]).toEqual(['a\nb\n', 'c\n']);
  });

  it('counts bytes, not characters', async () => {
    await aFile({ maxBytes: 4 }).append(['é\n', 'b\n']);
    expect([read('stats.jsonl.1'), read()]).toEqual(['é\n', 'b\n']);
  });

  it('takes a line that is larger than its size alone', async () => {
    await aFile({ maxBytes: 4 }).append(['a\n', '123456789\n', 'b\n']);
    expect(['stats.jsonl.2', 'stats.jsonl.1', 'stats.jsonl'].map(read)).toEqual(['a\n', '123456789\n', 'b\n']);
  });

  it('keeps so many old files, the youngest as number 1', async () => {
    await aFile({ maxBytes: 2, keep: 2 }).append(['a\n', 'b\n', 'c\n', 'd\n']);
    expect(['stats.jsonl.2', 'stats.jsonl.1', 'stats.jsonl'].map(read)).toEqual(['b\n', 'c\n', 'd\n']);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('follows a rotation by another program', async () => {
    const lines = aFile();
    await lines.append(['a\n']);
    rmSync(file);
    await lines.append(['b\n']);
    expect(read()).toBe('b\n');
  });

  it('rejects while its folder is away, and writes the same lines once when it is back', async () => {
    const [lines, batch] = [aFile(), ['a\n', 'b\n']];
    rmSync(folder, { recursive: true });
    await expect(lines.append(batch)).rejects.toThrow('ENOENT');
    mkdirSync(folder);
    await lines.append(batch);
    expect(read()).toBe('a\nb\n');
  });

  it('goes on where it stopped when the same lines are offered again', async () => {
    const [lines, batch] = [aFile({ maxBytes: 2, keep: 1 }), ['a\n', 'b\n']];
    mkdirSync(`${file}.1`);
    writeFileSync(join(`${file}.1`, 'in the way'), '');
    await expect(lines.append(batch)).rejects.toThrow();
    expect(read()).toBe('a\n');
    rmSync(`${file}.1`, { recursive: true });
    await lines.append(batch);
    expect([read('stats.jsonl.1'), read()]).toEqual(['a\n', 'b\n']);
  });
});

describe('forcing lines onto the disk', () => {
  it.each(['never', 'always'] as const)('%s leaves no timer', async (fsync) => {
    const clock = new ManualClock();
    await aFile({ fsync, clock }).append(['a\n']);
    expect([read(), clock.pending]).toEqual(['a\n', 0]);
  });

  it('within a time sets one timer for all lines that come meanwhile, and none after it', async () => {
    const clock = new ManualClock();
    const lines = aFile({ fsync: 1_000, clock });
    await lines.append(['a\n']);
    await lines.append(['b\n']);
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    expect(clock.pending).toBe(0);
    await lines.append(['c\n']);
    expect(clock.pending).toBe(1);
  });

  it('is done at the end, and stops the timer', async () => {
    const clock = new ManualClock();
    const lines = aFile({ fsync: 1_000, clock });
    await lines.append(['a\n']);
    await lines.sync();
    expect([existsSync(file), clock.pending]).toEqual([true, 0]);
  });

  it('rejects at the end where it cannot be done', async () => {
    const lines = aFile({ fsync: 1_000 });
    await lines.append(['a\n']);
    rmSync(folder, { recursive: true });
    await expect(lines.sync()).rejects.toThrow('ENOENT');
  });

  it.each([
    ['never', 'never'],
    ['always', 'always'],
    [250, 250],
    ['250', 250],
    [0, undefined],
    [1.5, undefined],
    ['often', undefined],
    ['', undefined],
    [true, undefined],
  ])('%j is read as %j', (value, expected) => {
    expect(fsyncFormat.read(value)).toBe(expected);
  });

  it('keeps what others append between two batches', async () => {
    const lines = aFile();
    await lines.append(['a\n']);
    appendFileSync(file, 'theirs\n');
    await lines.append(['b\n']);
    expect(read()).toBe('a\ntheirs\nb\n');
  });
});
