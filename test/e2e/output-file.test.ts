import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { aFolder, anEmulator, cleanUp, cli, run, start, to } from './run-cli.js';

afterAll(cleanUp);

const OLD = 'A finished chapter.\n';
const filesOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const textOf = (emulator: Awaited<ReturnType<typeof anEmulator>>): string =>
  `${emulator.textFor({ model: 'scriptorium/exact', messages: [{ role: 'user', content: 'Write.' }] }).trimEnd()}\n`;
const generate = (...options: readonly string[]) => ['generate', '-o', 'book.txt', ...options, 'Write.'];

describe('an output file that is finished', () => {
  it.each([
    ['text', [], /^$/],
    ['JSON', ['--json'], /^\{"error":\{.*"code":"invalid-input"/],
  ])('is refused before anything is sent (%s)', async (_, options, stdout) => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'book.txt': OLD });
    expect(await cli(generate(...options), { env: to(emulator), folder })).toEqual({
      code: 2,
      signal: null,
      stdout: expect.stringMatching(stdout),
      stderr:
        'scriptorium: The output file book.txt exists already. Choose another name, or add --force to replace it once the new text is whole, or --append to add to its end.\n',
    });
    expect({ requests: emulator.requests.length, files: filesOf(folder) }).toEqual({
      requests: 0,
      files: { 'book.txt': OLD },
    });
  });

  it.each([
    ['--force', (text: string) => text],
    ['--append', (text: string) => OLD + text],
  ])('is changed by %s only once the new text is whole', async (option, expected) => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'book.txt': OLD });
    emulator.script({ stall: { afterDeltas: 20 } });
    const running = run(generate(option), { env: to(emulator), folder });
    await eventually(() => (filesOf(folder)['book.txt.partial'] ?? '').length > 30);
    running.kill('SIGINT');
    const { code, stderr } = await running.ended;
    const { 'book.txt': kept, 'book.txt.partial': partial = '' } = filesOf(folder);
    expect({ code, stderr, kept }).toEqual({
      code: 130,
      stderr: 'scriptorium: book.txt is as it was; the text so far is in book.txt.partial\n',
      kept: OLD,
    });
    expect(partial.length).toBeGreaterThan(30);
    expect(textOf(emulator).startsWith(partial.trimEnd())).toBe(true);

    expect(await cli(generate(option), { env: to(emulator), folder })).toMatchObject({ code: 0, stderr: '' });
    expect(filesOf(folder)).toEqual({ 'book.txt': expected(textOf(emulator)), 'book.txt.partial': partial });
  });

  it('is not replaced by a text that the token cap cut', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'book.txt': OLD });
    const { code, stderr } = await cli(generate('--force', '--max-tokens', '7'), { env: to(emulator), folder });
    expect({ code, files: filesOf(folder) }).toEqual({
      code: 3,
      files: { 'book.txt': OLD, 'book.txt.partial': `${emulator.requests[0]!.text}\n` },
    });
    expect(stderr).toContain('the text so far is in book.txt.partial\n');
  });

  it('that is a link stays one, and the text is beside its file', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'real.txt': OLD });
    symlinkSync('real.txt', join(folder, 'book.txt'));
    expect(await cli(generate('--force'), { env: to(emulator), folder })).toMatchObject({ code: 0 });
    expect(filesOf(folder)).toEqual({ 'real.txt': textOf(emulator), 'book.txt': textOf(emulator) });
  });
});

describe('an output file', () => {
  it.each([
    ['a folder', generate(), 'The output file book.txt cannot be written: Error: .*book.txt is a folder'],
    ['two wishes', generate('--force', '--append'), "'--force' cannot be used with option '--append'"],
    ['no file to replace', ['generate', '--force', 'Write.'], '--force and --append need a file: --output <path>'],
    ['no file to add to', ['generate', '--append', 'Write.'], '--force and --append need a file: --output <path>'],
  ])('is refused for %s', async (_, args, message) => {
    const emulator = await anEmulator();
    const folder = aFolder();
    mkdirSync(join(folder, 'book.txt'));
    const { code, stderr } = await cli(args, { env: to(emulator), folder });
    expect({ code, requests: emulator.requests.length }).toEqual({ code: 2, requests: 0 });
    expect(stderr).toMatch(new RegExp(message));
  });

  it('is not made, nor anything beside it, where no text came', async () => {
    const emulator = await anEmulator();
    const folder = aFolder();
    emulator.script({ status: 401 });
    expect(await cli(generate(), { env: to(emulator), folder })).toMatchObject({ code: 1 });
    expect(filesOf(folder)).toEqual({});
  });

  it('has the text of the second try alone where it was begun again', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'scriptorium.config.json': { continuity: { onBreak: 'restart' } } });
    emulator.script({ reset: { afterDeltas: 10 } });
    expect(await cli(generate(), { env: to(emulator), folder })).toMatchObject({ code: 0 });
    expect(filesOf(folder)['book.txt']).toBe(textOf(emulator));
  });

  it.concurrent('takes the text as it comes where it is a pipe', async () => {
    const emulator = await anEmulator();
    const folder = aFolder();
    spawnSync('mkfifo', [join(folder, 'book.txt')]);
    const [{ code }, text] = await Promise.all([
      start(generate(), { env: to(emulator), folder }).ended,
      readFile(join(folder, 'book.txt'), 'utf8'),
    ]);
    expect({ code, text, files: readdirSync(folder) }).toEqual({
      code: 0,
      text: textOf(emulator),
      files: ['book.txt'],
    });
  });

  it.concurrent('may be /dev/stdout', async () => {
    const emulator = await anEmulator();
    const folder = aFolder();
    const { code, stdout } = await start(['generate', '-o', '/dev/stdout', 'Write.'], { env: to(emulator), folder })
      .ended;
    expect({ code, stdout, files: readdirSync(folder) }).toEqual({ code: 0, stdout: textOf(emulator), files: [] });
  });

  it.concurrent('keeps what was paid for where the process is killed in the middle of the text', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'book.txt': OLD });
    emulator.script({ stall: { afterDeltas: 20 } });
    const running = start(generate('--force'), { env: to(emulator), folder });
    await eventually(() => (filesOf(folder)['book.txt.partial'] ?? '').length > 30);
    running.child.kill('SIGKILL');
    await running.ended;
    const { 'book.txt': kept, 'book.txt.partial': partial = '' } = filesOf(folder);
    expect({ kept, isBeginning: textOf(emulator).startsWith(partial) }).toEqual({ kept: OLD, isBeginning: true });
  });
});
