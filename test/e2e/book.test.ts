import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/services/needs.js';
import { aFolder, anEmulator, cleanUp, cli, start, to } from './run-cli.js';

afterAll(cleanUp);

/** Debian's program starts it only by a shell that knows jars. */
const EPUBCHECK = '/usr/share/java/epubcheck.jar';
const BOOK = ['book', 'Ada Lovelace', '--chapters', '4', '--words', '1600', '--sections', 'prologue,cast'];

function textsIn(folder: string): Readonly<Record<string, string>> {
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.md')).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('scriptorium book', () => {
  it('writes the same book whenever it is killed, and pays for no section twice', async () => {
    const [calm, slow] = [await anEmulator(), await anEmulator({ tokensPerSecond: 1_500 })];
    const env = { ...to(slow), OPENROUTER_MODEL: 'scriptorium/author' };
    const folder = aFolder();
    const first = start([...BOOK, '-o', 'ada'], { env, folder });
    await eventually(() => existsSync(join(folder, 'ada/chapters/chapter-01.md')));
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start(['book', 'resume', 'ada'], { env, folder });
    await eventually(() => existsSync(join(folder, 'ada/chapters/chapter-03.md')));
    second.child.kill('SIGKILL');
    await second.ended;
    const { code, stdout, stderr } = await start(['book', 'resume', 'ada', '-o', 'ada.md'], { env, folder }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ada.md\n' });
    expect(stderr).toContain('words, 7 requests');

    const other = aFolder();
    await start([...BOOK, '-o', 'ada'], { env: { ...to(calm), OPENROUTER_MODEL: 'scriptorium/author' }, folder: other })
      .ended;
    expect(textsIn(join(folder, 'ada'))).toEqual(textsIn(join(other, 'ada')));
  });

  it('ends with 3 where the quota of the day is spent, and says how to go on', async () => {
    const emulator = await anEmulator({ limits: { requestsPerDay: 3 } });
    const env = { ...to(emulator), OPENROUTER_MODEL: 'scriptorium/author:free' };
    const { code, stderr } = await start([...BOOK, '-o', 'ada'], { env, folder: aFolder() }).ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /Parked until .*: the provider's quota is used up\nGo on then with: scriptorium book resume ada /,
    );
  });

  it('says which request has failed, keeps the rest, and goes on from there', async () => {
    let isIll = true;
    const emulator = await anEmulator({
      tokensPerSecond: 2_000,
      fault: ({ body }) => (isIll && JSON.stringify(body).includes('section=\\"cast\\"') ? { status: 400 } : undefined),
    });
    const env = { ...to(emulator), OPENROUTER_MODEL: 'scriptorium/author' };
    const folder = aFolder();
    const { code, stderr } = await start([...BOOK, '-o', 'ada'], { env, folder }).ended;
    expect({
      code,
      isSaid: stderr.includes('What is written is kept. Go on with: scriptorium book resume ada\n'),
    }).toEqual({
      ...{ code: 1, isSaid: true },
    });
    const before = textsIn(join(folder, 'ada'));
    expect(Object.keys(before)).toEqual([
      ...[1, 2, 3, 4].map((number) => `chapters/chapter-0${number}.md`),
      'sections/prologue.md',
    ]);
    isIll = false;
    expect((await start(['book', 'resume', 'ada'], { env, folder }).ended).code).toBe(0);
    expect(textsIn(join(folder, 'ada'))).toMatchObject(before);
  });

  it('takes the first subject of a collection that is not done, and marks it', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'list.md': '# People\r\n\r\n1. Rosa Parks ✅\r\n2. Marie Curie\r\n3. Alan Turing\r\n' });
    const env = { ...to(emulator), OPENROUTER_MODEL: 'scriptorium/author' };
    const args = ['book', '--collection', 'list.md', '--chapters', '1', '--words', '200', '--sections', 'prologue'];
    const { code, stdout } = await start(args, { env, folder }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'marie_curie\n' });
    expect(readFileSync(join(folder, 'list.md'), 'utf8')).toBe(
      '# People\r\n\r\n1. Rosa Parks ✅\r\n2. Marie Curie ✅\r\n3. Alan Turing\r\n',
    );
  });

  it('plans a book without sending a generation', async () => {
    const emulator = await anEmulator({ freeModelDailyRequests: { used: 40, limit: 50 } });
    const env = { ...to(emulator), OPENROUTER_MODEL: 'scriptorium/author:free' };
    const { code, stdout } = await cli(['book', 'Ada Lovelace', '--plan'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('27 requests; a section with defects is written again');
    expect(stdout).toMatch(/^\d+ days? at 50 requests a day, 10 of them left today$/m);
    expect(emulator.requests).toEqual([]);
  });

  it('checks any folder without a key, as a table and as JSON', async () => {
    const folder = aFolder({ 'one.md': '# One\n\nIt is whole.\n', 'two.md': '# Two\n\nIt is not' });
    const table = await cli(['book', 'check', folder]);
    expect({ code: table.code, lines: table.stdout.split('\n') }).toEqual({
      code: 1,
      lines: [
        'section  words  of  defects',
        'one          5      none',
        'two          5      cut',
        'two: It ends in the middle of a sentence: "… It is not".',
        '2 sections, 1 defect',
        '',
      ],
    });
    const json = JSON.parse((await cli(['book', 'check', folder, '--json'])).stdout) as { readonly sections: object[] };
    expect(json.sections).toMatchObject([{ section: 'one', words: 5, defects: [] }, { defects: [{ kind: 'cut' }] }]);
  });

  it.each([
    [['book', 'Ada', 'Lovelace'], 'Put a subject of several words in quotes: scriptorium book "Ada Lovelace"'],
    [['book', 'Ada', '--chapter', '3'], 'There is no option --chapter. Did you mean "--chapters"?'],
    [['book', 'Ada', '--chapters', 'many'], '--chapters is "many"; it must be a whole number above 0.'],
    [['book', 'Ada', '-o', 'ada.pdf'], 'a book can be a folder, or end with .epub, .docx, .md.'],
    [['book', 'Ada', '--outline', 'none.json'], 'The file none.json cannot be read.'],
    [['book', 'resume'], 'The folder of the book is missing.'],
    [['book', 'check', 'ada', '--wait'], '"book check" has no option --wait.'],
    [['book', 'Ada', '--collection', 'list.md'], 'Give a subject or --collection, not both'],
  ])('refuses %p', async (args, message) => {
    const { code, stderr } = await cli(args);
    expect({ code, isSaid: stderr.includes(message) }).toEqual({ code: 2, isSaid: true });
  });
});

describeWith(['epubcheck'], 'an EPUB file', () => {
  it('has no defects', async () => {
    const folder = aFolder();
    const words = ['--language', 'es', '--chapters', '2', '--words', '600'];
    const { code } = await start(['book', 'José Martí', '--demo', ...words, '-o', 'book.epub'], { folder }).ended;
    expect(code).toBe(0);
    const { status, stderr } = spawnSync('java', ['-jar', EPUBCHECK, '-q', 'book.epub'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
