import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import { jsonl } from 'scriptorium/plugins/jsonl';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { MemoryLogger } from '../../chain/observe/memory-logger.js';
import { eventually } from '../../support/eventually.js';
import { CANARY, failureOf, pipelineTo } from '../../support/pipelines.js';

let emulator: Emulator;
let folder = '';
beforeEach(async () => {
  emulator = await startEmulator();
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-jsonl-'));
});
afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the plugin jsonl', () => {
  it('writes every stat as a line, makes the folder, and has written all when the pipeline is disposed', async () => {
    const file = join(folder, 'deep/er/stats.jsonl');
    const pipeline = await pipelineTo(emulator.url, {}, { plugins: [jsonl({ file, everyMs: 60_000 })] });
    emulator.script({ status: 503 }, {});
    await pipeline.generate({ prompt: 'Begin.\nGo on.', labels: { book: 'ada\nlovelace' } });
    await pipeline.dispose();
    const lines = linesOf(file);
    expect(lines.map(({ type, outcome, labels }) => ({ type, outcome, labels }))).toEqual([
      { type: 'attempt-end', outcome: 'error', labels: { book: 'ada\nlovelace' } },
      { type: 'attempt-end', outcome: 'success', labels: { book: 'ada\nlovelace' } },
      { type: 'generation-end', outcome: 'success', labels: { book: 'ada\nlovelace' } },
    ]);
    expect(lines[2]).toMatchObject({
      attempts: 2,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      usage: { source: 'reported' },
    });
  });

  it('writes while the pipeline works, as soon as lines have gathered', async () => {
    const file = join(folder, 'stats.jsonl');
    const pipeline = await pipelineTo(emulator.url, {}, { plugins: [jsonl({ file, everyMs: 1, fsync: 'always' })] });
    await pipeline.generate({ prompt: 'Begin.' });
    await eventually(() => existsSync(file) && readFileSync(file, 'utf8').split('\n').length === 3);
    expect(linesOf(file).map(({ type }) => type)).toEqual(['attempt-end', 'generation-end']);
    await pipeline.dispose();
  });

  it('rotates', async () => {
    const file = join(folder, 'stats.jsonl');
    const pipeline = await pipelineTo(emulator.url, {}, { plugins: [jsonl({ file, maxBytes: 1, keep: 9 })] });
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    expect([linesOf(`${file}.1`), linesOf(file)].map(([line]) => line?.['type'])).toEqual([
      'attempt-end',
      'generation-end',
    ]);
  });

  it('holds no key, also where a server sends it back', async () => {
    const file = join(folder, 'stats.jsonl');
    const pipeline = await pipelineTo(emulator.url, {}, { plugins: [jsonl({ file })] });
    emulator.script({ status: 400, body: { error: { code: 400, message: `bad key ${CANARY}` } } });
    await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    await pipeline.dispose();
    expect(readFileSync(file, 'utf8')).not.toContain(CANARY);
    expect(linesOf(file)).toHaveLength(2);
  });

  it('fails no generation where it cannot write, and says at the end what was lost', async () => {
    const logger = new MemoryLogger();
    const pipeline = await pipelineTo(
      emulator.url,
      {},
      {
        plugins: [jsonl({ file: join(folder, 'sub/stats.jsonl') })],
        register: (container) => void container.register(tokens.LOGGER, { useValue: logger }),
      },
    );
    rmSync(join(folder, 'sub'), { recursive: true });
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
    await pipeline.dispose();
    expect(logger.messages.filter((message) => message.includes('"jsonl"'))).toEqual([
      'warn: stat sink "jsonl" cannot write and will retry; further failures are not logged',
      'warn: stat sink "jsonl" was closed before everything was written; records are dropped and counted',
      'warn: stat sink "jsonl" lost 2 of 2 records in total',
    ]);
  });

  it('writes two files under two ids', async () => {
    const [all, also] = [join(folder, 'all.jsonl'), join(folder, 'also.jsonl')];
    const pipeline = await pipelineTo(
      emulator.url,
      { plugins: { also: { file: also } } },
      { plugins: [jsonl({ file: all }), jsonl({ id: 'also' })] },
    );
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    expect(readFileSync(all, 'utf8').length).toBeGreaterThan(0);
    expect(linesOf(also).map(({ type }) => type)).toEqual(linesOf(all).map(({ type }) => type));
  });

  it.each([
    [{ fsync: 'often' as never }, 'fsync'],
    [{ keep: 0 }, 'keep'],
    [{ maxBytes: -1 }, 'maxBytes'],
  ])('refuses %j', async (options, key) => {
    expect(await failureOf(pipelineTo(emulator.url, {}, { plugins: [jsonl(options)] }))).toMatchObject({
      code: 'configuration',
      problems: [expect.stringContaining(`plugins.jsonl.${key}`)],
    });
  });
});
