import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const built = (path: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../dist/src/${path}`, import.meta.url)));

/** Writes a draft in a process that kills itself before a step, and returns the files it leaves. */
async function killedBefore(step: string): Promise<{ readonly signal: string | null; readonly files: object }> {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-'));
  folders.push(folder);
  writeFileSync(join(folder, 'book.txt'), 'old');
  const program = `
    import { disk } from ${built('files/disk.js')};
    import { draftFile } from ${built('files/draft-file.js')};
    const killing = (calls) => new Proxy(calls, {
      get: (target, name) => name === 'then' ? undefined : async (...args) => {
        if (name === ${JSON.stringify(step)}) process.kill(process.pid, 'SIGKILL');
        const result = await target[name](...args);
        return name === 'open' ? killing(result) : result;
      },
    });
    const draft = await draftFile('book.txt', { mode: 'replace', suffix: '.partial', disk: killing(disk) });
    await draft.append(Buffer.from('new'));
    await draft.finish();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder });
  const signal = await new Promise<string | null>((resolve) => child.on('close', (_, how) => resolve(how)));
  const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  return { signal, files };
}

describe('a process that is killed while it replaces a file', () => {
  it.each([
    ['open', { 'book.txt': 'old' }],
    ['appendFile', { 'book.txt': 'old', 'book.txt.partial': '' }],
    ['sync', { 'book.txt': 'old', 'book.txt.partial': 'new' }],
    ['close', { 'book.txt': 'old', 'book.txt.partial': 'new' }],
    ['rename', { 'book.txt': 'old', 'book.txt.partial': 'new' }],
  ])('before "%s" leaves the old file as it was', async (step, files) => {
    expect(await killedBefore(step)).toEqual({ signal: 'SIGKILL', files });
  });

  it('leaves the new file alone where it was not killed', async () => {
    expect(await killedBefore('never')).toEqual({ signal: null, files: { 'book.txt': 'new' } });
  });
});
