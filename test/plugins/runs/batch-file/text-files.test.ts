import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { recordsOf } from '../../../../plugins/runs/batch-file/output-lines.js';
import { writeTexts } from '../../../../plugins/runs/batch-file/text-files.js';
import { aRun } from './a-run.js';

it('writes each text into a file of its own, whatever the items are called', async () => {
  const names = [
    'one',
    'ONE',
    '../two',
    '.three',
    'four & five/6',
    'sieben ü',
    'x'.repeat(100),
    '漢'.repeat(100),
    'bad',
  ];
  const run = await aRun(names);
  for (const name of names) {
    const { lease } = await run.claim();
    await (name === 'bad' ? run.failed(lease, 'Half') : run.done(lease, `Text of ${name}.`));
  }
  const folder = mkdtempSync(join(tmpdir(), 'texts-'));
  try {
    expect(await writeTexts(join(folder, 'in/here'), recordsOf(run.journal, run.id))).toBe(9);
    const files = readdirSync(join(folder, 'in/here'));
    expect(files.sort()).toEqual(
      [
        ...['one.txt', 'ONE.2.txt', '%2E.%2Ftwo.txt', '%2Ethree.txt', 'four%20%26%20five%2F6.txt', 'sieben%20ü.txt'],
        ...[`${'x'.repeat(100)}.txt`, `${'漢'.repeat(40)}.8.txt`, 'bad.partial.txt'],
      ].sort(),
    );
    expect(readFileSync(join(folder, 'in/here/ONE.2.txt'), 'utf8')).toBe('Text of ONE.');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
