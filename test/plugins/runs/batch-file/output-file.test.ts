import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkOutput, writeOutput } from '../../../../plugins/runs/batch-file/output-file.js';
import type { OutputFile } from '../../../../plugins/runs/batch-file/output-file.js';
import type { OutputLine } from '../../../../plugins/runs/batch-file/output-line.js';
import { failureOf } from '../../../support/pipelines.js';
import { aRun } from './a-run.js';
import type { ARun } from './a-run.js';

let folder = '';
let output: OutputFile = { path: '', order: 'input', force: false };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'batch-output-'));
  output = { path: join(folder, 'out.jsonl'), order: 'input', force: false };
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = async ({ journal, id }: ARun, file = output) => writeOutput(journal, await journal.status(id), file);

function linesOf(content: string): readonly OutputLine[] {
  return content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OutputLine);
}

/** Three items, of which the second ends first. The third is failed. */
async function ended(): Promise<ARun> {
  const run = await aRun(['a', 'b', 'c']);
  const [a, b, c] = [await run.claim(), await run.claim(), await run.claim()];
  await run.done(b.lease, 'Text of b.');
  run.clock.advance(1_000);
  await run.done(a.lease, 'Text of a.');
  run.clock.advance(1_000);
  await run.failed(c.lease, 'Half of');
  return run;
}

describe('the output of a run', () => {
  it('has the answers in the order of the input, in the format of a chat completion', async () => {
    const run = await ended();
    expect(await write(run)).toEqual({ path: output.path, isWhole: true });
    const [first, ...others] = linesOf(readFileSync(output.path, 'utf8'));
    expect(first).toEqual({
      id: `batch_req_${run.id}_1`,
      custom_id: 'a',
      response: {
        status_code: 200,
        request_id: 'gen-a',
        body: expect.objectContaining({
          ...{ id: 'gen-a', object: 'chat.completion', model: 'a/model' },
          choices: [
            expect.objectContaining({
              finish_reason: 'stop',
              message: { role: 'assistant', content: 'Text of a.', refusal: null },
            }),
          ],
          usage: expect.objectContaining({ prompt_tokens: 10, completion_tokens: 20, cost: 0.01 }),
        }),
      },
      error: null,
    });
    expect(others).toEqual([
      expect.objectContaining({ id: `batch_req_${run.id}_2`, custom_id: 'b', error: null }),
      {
        id: `batch_req_${run.id}_3`,
        custom_id: 'c',
        response: null,
        error: { code: 'bad-request', message: 'The model is gone.', partial: 'Half of' },
      },
    ]);
  });

  it('has them in the order in which they have ended, if that is asked for', async () => {
    await write(await ended(), { ...output, order: 'completion' });
    expect(linesOf(readFileSync(output.path, 'utf8')).map(({ custom_id }) => custom_id)).toEqual(['b', 'a', 'c']);
  });

  it('is packed if its name says so', async () => {
    const packed = { ...output, path: `${output.path}.gz` };
    const run = await ended();
    await write(run, packed);
    await write(run);
    expect(gunzipSync(readFileSync(packed.path)).toString()).toBe(readFileSync(output.path, 'utf8'));
  });

  it('is beside its place until the run has ended, and holds only what has ended', async () => {
    const run = await aRun(['a', 'b']);
    expect(await write(run)).toBeUndefined();
    const [a, b] = [await run.claim(), await run.claim()];
    await run.done(a.lease, 'Text of a.');
    const partial = `${output.path}.partial`;
    expect(await write(run)).toEqual({ path: partial, isWhole: false });
    expect(linesOf(readFileSync(partial, 'utf8')).map(({ custom_id }) => custom_id)).toEqual(['a']);
    expect(existsSync(output.path)).toBe(false);
    await run.done(b.lease, 'Text of b.');
    await write(run);
    expect({ partial: existsSync(partial), lines: linesOf(readFileSync(output.path, 'utf8')).length }).toEqual({
      partial: false,
      lines: 2,
    });
  });

  it('replaces an older one of the same run', async () => {
    const run = await ended();
    await write(run, { ...output, order: 'completion' });
    await write(run);
    expect(linesOf(readFileSync(output.path, 'utf8'))[0]?.custom_id).toBe('a');
  });

  it('does not replace the file of another run, except by force', async () => {
    const run = await ended();
    const other = await aRun(['a'], 'other', run);
    await write(run);
    const before = readFileSync(output.path, 'utf8');
    await other.done((await other.claim()).lease, 'Other.');
    expect((await failureOf(write(other))).message).toBe(
      `${output.path} exists already, and is not the output of this run. Choose another file with -o, or add --force to replace it once the run has ended.`,
    );
    expect(readFileSync(output.path, 'utf8')).toBe(before);
    await write(other, { ...output, force: true });
    expect(linesOf(readFileSync(output.path, 'utf8')).map(({ id }) => id)).toEqual([`batch_req_${other.id}_1`]);
  });

  it('keeps the partial file of another run', async () => {
    writeFileSync(`${output.path}.partial`, 'notes\n');
    await write(await ended());
    expect(readFileSync(`${output.path}.partial`, 'utf8')).toBe('notes\n');
  });

  it.each([
    ['no/out.jsonl', /: the folder .*no does not exist\.$/],
    ['file/out.jsonl', /: .*file is not a folder\.$/],
    ['.', /: it is a folder\.$/],
  ])('is refused before the start at %s', async (place, message) => {
    writeFileSync(join(folder, 'file'), '');
    const failure = await failureOf(checkOutput({ ...output, path: join(folder, place) }, undefined));
    expect({ code: failure.code, message: failure.message }).toEqual({
      code: 'invalid-input',
      message: expect.stringMatching(message),
    });
  });

  it('reports a full disk', async () => {
    const failure = await failureOf(write(await ended(), { ...output, path: '/dev/full' }));
    expect({ code: failure.code, message: failure.message }).toEqual({
      code: 'unavailable',
      message: expect.stringMatching(/^The output \/dev\/full cannot be written: ENOSPC/),
    });
  });

  it('leaves the old file and no draft where a page of the journal cannot be read', async () => {
    const run = await ended();
    await write(run);
    const before = readFileSync(output.path, 'utf8');
    const broken = { ...run.journal, records: () => Promise.reject(new Error('The disk is gone.')) };
    await expect(writeOutput(broken, await run.journal.status(run.id), output)).rejects.toThrow('The disk is gone.');
    expect({ now: readFileSync(output.path, 'utf8'), draft: existsSync(`${output.path}.draft`) }).toEqual({
      now: before,
      draft: false,
    });
  });

  it('reads the journal in pages of few texts', async () => {
    const run = await aRun(Array.from({ length: 205 }, (_, index) => `item-${index}`));
    for (let count = 0; count < 205; count += 1) {
      if (count % 50 === 0) run.clock.advance(1);
      await run.done((await run.claim()).lease, `Text ${count}.`);
    }
    const limits: number[] = [];
    const journal: ARun['journal'] = Object.assign(Object.create(run.journal) as ARun['journal'], {
      records: (name: string, page: { limit: number }) => {
        limits.push(page.limit);
        return run.journal.records(name, page);
      },
    });
    await writeOutput(journal, await run.journal.status(run.id), output);
    expect({ lines: linesOf(readFileSync(output.path, 'utf8')).length, most: Math.max(...limits) }).toEqual({
      lines: 205,
      most: 20,
    });
  });
});
