import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { GenerationResult } from 'scriptorium';
import type { Emulator } from 'scriptorium/testing';
import { aFolder, anEmulator, CLI, cleanUp, cli, start, to } from './run-cli.js';

afterAll(cleanUp);

const BOOK = readFileSync(new URL('../../assets/moby-dick.txt', import.meta.url), 'utf8');

/** The text an emulator has for a prompt. */
const textFor = (emulator: Emulator, prompt: string) =>
  emulator.textFor({ model: 'scriptorium/exact', messages: [{ role: 'user', content: prompt }] });

/** Runs `generate` against an emulator, and gives the body of the one request that it made. */
async function bodyOf(...args: readonly string[]): Promise<Record<string, unknown>> {
  const emulator = await anEmulator();
  const { code, stderr } = await cli(['generate', ...args], { env: to(emulator) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(emulator.requests).toHaveLength(1);
  return emulator.requests[0]!.body as Record<string, unknown>;
}

describe('what generate prints', () => {
  it.concurrent('is the text alone, and nothing on stderr where nobody watches', async () => {
    const emulator = await anEmulator();
    const { code, stdout, stderr } = await start(['generate', 'Tell', 'me', 'of', 'Ada.'], { env: to(emulator) }).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${textFor(emulator, 'Tell me of Ada.')}\n`,
      stderr: '',
    });
    expect(stdout.length).toBeGreaterThan(200);
  });

  it('is the same where answers come whole', async () => {
    const emulator = await anEmulator();
    const { code, stdout } = await cli(['generate', '--wire', 'json', 'Tell me of Ada.'], { env: to(emulator) });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${textFor(emulator, 'Tell me of Ada.')}\n` });
    expect(emulator.requests).toMatchObject([{ stream: false }]);
  });

  it('stays silent about attempts that were repeated', async () => {
    const emulator = await anEmulator();
    emulator.script({ status: 503 }, undefined);
    const { code, stdout, stderr } = await cli(['generate', 'Again.'], {
      env: { ...to(emulator), SCRIPTORIUM_RETRY_BASE_MS: '1' },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${textFor(emulator, 'Again.')}\n`, stderr: '' });
    expect(emulator.requests).toHaveLength(2);
  });

  it.concurrent(
    'comes with log lines where they are asked for, which have the labels that the vendor does not get',
    async () => {
      const emulator = await anEmulator();
      const env = { ...to(emulator), SCRIPTORIUM_LOGGING_LEVEL: 'info' };
      const args = ['generate', '-l', 'book=ada', '--label', 'chapter=3=b', 'Log.'];
      const { stderr } = await start(args, { env }).ended;
      const lines = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { message: string; labels: unknown });
      // A busy machine may make a sink look slow.
      expect(lines.map(({ message }) => message).filter((message) => !message.startsWith('stat sink'))).toEqual([
        'generation started',
        'generation finished',
      ]);
      // Labels go into the log and the statistics, not to the vendor.
      expect(lines[0]).toMatchObject({ labels: { book: 'ada', chapter: '3=b' } });
      expect(JSON.stringify(emulator.requests[0]!.body)).not.toContain('ada');
    },
  );

  it('is one JSON object with --json', async () => {
    const emulator = await anEmulator();
    const { code, stdout, stderr } = await cli(['generate', '--json', 'As an object.'], { env: to(emulator) });
    expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({ code: 0, stderr: '', lines: 2 });
    const result = JSON.parse(stdout) as GenerationResult;
    expect(result).toMatchObject({
      text: textFor(emulator, 'As an object.'),
      finishReason: { unified: 'stop' },
      usage: { source: 'reported' },
      model: 'scriptorium/exact',
      provider: 'openrouter',
      attempts: [{ attempt: 1, outcome: 'success' }],
    });
    expect(result.usage.outputTokens).toBe(emulator.requests[0]!.usage?.completion_tokens);
    expect(result.cost.known).toBeCloseTo(emulator.requests[0]!.cost, 9);
  });

  it('is the text that came and the reason of the end, as one JSON object, where a stream breaks and is not to be resumed', async () => {
    const emulator = await anEmulator();
    emulator.script({ reset: { afterDeltas: 5 } });
    const { code, stdout } = await cli(['generate', '--json', 'Break.'], {
      env: { ...to(emulator), SCRIPTORIUM_CONTINUITY_ON_BREAK: 'fail' },
    });
    const { error } = JSON.parse(stdout) as { error: { code: string; partial: { text: string } } };
    expect({ code, errorCode: error.code }).toEqual({ code: 1, errorCode: 'interrupted' });
    expect(error.partial.text).not.toBe('');
    expect(textFor(emulator, 'Break.')).toContain(error.partial.text);
  });

  it('is the whole text, in its two segments, where a stream breaks and is resumed', async () => {
    const emulator = await anEmulator();
    emulator.script({ reset: { afterDeltas: 12 } });
    const { code, stdout } = await cli(['generate', '--json', 'Break.'], { env: to(emulator) });
    const { text, segments, attempts } = JSON.parse(stdout) as {
      text: string;
      segments: { text: string }[];
      attempts: { outcome: string }[];
    };
    expect({ code, text }).toEqual({ code: 0, text: textFor(emulator, 'Break.') });
    expect(segments).toHaveLength(2);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['error', 'success']);
  });

  it('says with --demo which chapter is recited, and with --quiet not even that', async () => {
    const [loud, quiet] = await Promise.all(
      [['--demo'], ['--demo', '--quiet']].map((flags) =>
        cli(['generate', ...flags, '--json', '--max-tokens', '12', 'Show me.']),
      ),
    );
    expect(loud!.stderr).toMatch(
      /^No OPENROUTER_API_KEY: the emulator recites Moby-Dick \(Melville, 1851\), from Chapter \d+, [A-Z][^\n]+\.\nscriptorium: the text was cut by the token cap; raise --max-tokens\n$/,
    );
    expect(quiet!.stderr).toBe('scriptorium: the text was cut by the token cap; raise --max-tokens\n');
    expect(JSON.parse(loud!.stdout)).toMatchObject({
      model: 'scriptorium/moby-dick',
      provider: 'openrouter',
      finishReason: { unified: 'length' },
      usage: { outputTokens: 12 },
    });
    expect([loud!.code, quiet!.code]).toEqual([3, 3]);
  });

  it('is with --demo a passage of the book, to the letter and to the end of a sentence', async () => {
    const { code, stdout } = await cli(['generate', '--demo', '--quiet', 'Recite.']);
    expect(code).toBe(0);
    expect(BOOK).toContain(stdout.trimEnd());
    expect(stdout).toMatch(/[.!?]['"]?\n$/);
    expect(stdout.split(/\s+/).length).toBeGreaterThan(300);
  });

  it("says with --demo that a model of one's own is ignored", async () => {
    const { stdout, stderr } = await cli([
      'generate',
      '--demo',
      '-m',
      'other/model',
      '--json',
      '--max-tokens',
      '12',
      'Show me.',
    ]);
    expect(stderr).toMatch(/^scriptorium: --model other\/model is ignored: .*\n.*recites Moby-Dick/);
    expect(JSON.parse(stdout)).toMatchObject({ model: 'scriptorium/moby-dick' });
  });

  it('shows with --demo-without-key the same, but takes a key that is there', async () => {
    const emulator = await anEmulator();
    const [without, withKey] = await Promise.all(
      [{}, to(emulator)].map((env) => cli(['generate', '--demo-without-key', '--max-tokens', '5', 'Hm.'], { env })),
    );
    expect(without).toMatchObject({ code: 3, stderr: expect.stringContaining('recites Moby-Dick') });
    expect(withKey!.stderr).not.toContain('Moby-Dick');
    expect(emulator.requests).toHaveLength(1);
  });

  it('goes into the file of --output, and nothing to stdout', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'chapter.txt': 'An older and much longer text. '.repeat(100) });
    const { code, stdout, stderr } = await cli(['generate', '-o', 'chapter.txt', '--force', 'Into a file.'], {
      env: to(emulator),
      folder,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(folder, 'chapter.txt'), 'utf8')).toBe(`${textFor(emulator, 'Into a file.')}\n`);
  });

  it('leaves the older text in the file where no new one came', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'chapter.txt': 'The older text.' });
    emulator.script({ status: 401 });
    expect(
      await cli(['generate', '-o', 'chapter.txt', '--force', 'Fail.'], { env: to(emulator), folder }),
    ).toMatchObject({
      code: 1,
    });
    expect(readFileSync(join(folder, 'chapter.txt'), 'utf8')).toBe('The older text.');
  });

  it('takes /dev/null for a file', async () => {
    const emulator = await anEmulator();
    expect(await cli(['generate', '-o', '/dev/null', 'Nowhere.'], { env: to(emulator) })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('where generate finds its prompt', () => {
  it.each([
    ['the arguments', ['From', 'words.'], {}],
    ['a stream', [], { input: 'From words.\n' }],
    ['a file', ['--file', 'prompt.txt'], { files: { 'prompt.txt': 'From words.\n' } }],
    ['standard input by its name', ['-'], { input: 'From words.\n' }],
    ['standard input as the file', ['-f', '-'], { input: 'From words.\n' }],
    ['the argument, joined by a blank standard input', ['From words.'], { input: ' \n' }],
  ])('is %s', async (_, args, { input, files }: { input?: string; files?: Record<string, string> }) => {
    const emulator = await anEmulator();
    const { code, stdout } = await cli(['generate', ...args], {
      env: to(emulator),
      folder: aFolder(files),
      ...(input !== undefined && { input }),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${textFor(emulator, 'From words.')}\n` });
  });

  it.each([
    ['an argument', ['Sum up:']],
    ['an argument and -', ['Sum up:', '-']],
    ['an argument and -f -', ['Sum up:', '-f', '-']],
    ['a file', ['-f', 'prompt.txt']],
  ])('is %s, joined by standard input', async (_, args) => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'prompt.txt': 'Sum up:\n' });
    await cli(['generate', ...args], { env: to(emulator), folder, input: 'Chapter one.\n' });
    expect(emulator.requests[0]!.body).toMatchObject({
      messages: [{ role: 'user', content: 'Sum up:\n\nChapter one.' }],
    });
  });

  it('does not wait for a pipe that stays open and silent, and says so', async () => {
    const emulator = await anEmulator();
    const child = spawn(process.execPath, [CLI, 'generate', 'From words.'], {
      cwd: aFolder(),
      env: { PATH: process.env.PATH, ...to(emulator) },
    });
    const stderr = text(child.stderr);
    expect(await text(child.stdout)).toBe(`${textFor(emulator, 'From words.')}\n`);
    expect(await stderr).toMatch(/^scriptorium: nothing came on standard input.*add - to wait for it\n$/);
    child.stdin.destroy();
  });

  it('is what a pipeline of a shell brings, however slow its writer is', async () => {
    const emulator = await anEmulator();
    const program = `(sleep 1.5; echo 'Chapter one.') | '${process.execPath}' '${CLI}' generate 'Sum up:'`;
    const child = spawn('sh', ['-c', program], {
      cwd: aFolder(),
      env: { PATH: process.env.PATH, ...to(emulator) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(await text(child.stdout)).not.toBe('');
    expect(emulator.requests[0]!.body).toMatchObject({
      messages: [{ role: 'user', content: 'Sum up:\n\nChapter one.' }],
    });
  });

  it('waits for a pipe that is asked for, however late it is', async () => {
    const emulator = await anEmulator();
    const child = spawn(process.execPath, [CLI, 'generate'], {
      cwd: aFolder(),
      env: { PATH: process.env.PATH, ...to(emulator) },
    });
    const stdout = text(child.stdout);
    child.stderr.once('data', () => child.stdin.end('From words.\n'));
    expect(await stdout).toBe(`${textFor(emulator, 'From words.')}\n`);
  });

  it.concurrent('is standard input of the process', async () => {
    const emulator = await anEmulator();
    const { code, stdout } = await start(['generate'], { env: to(emulator), input: 'From words.\n' }).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${textFor(emulator, 'From words.')}\n` });
  });
});

describe('what generate sends', () => {
  it("is the prompt with BookGen's defaults", async () => {
    expect(await bodyOf('Begin.')).toMatchObject({
      model: 'scriptorium/exact',
      messages: [{ role: 'user', content: 'Begin.' }],
      max_tokens: 8192,
      temperature: 0.7,
      top_p: 0.9,
      stream: true,
    });
  });

  it('is every option as it was given, 0 being 0', async () => {
    const args = [
      '--system',
      'You are brief.',
      '--model',
      'scriptorium/embedded-ngram',
      '--max-tokens',
      '4000',
      '--temperature',
      '0',
      '--top-p',
      '0.25',
      '--wire',
      'json',
    ];
    expect(await bodyOf(...args, 'Begin.')).toMatchObject({
      model: 'scriptorium/embedded-ngram',
      messages: [
        { role: 'system', content: 'You are brief.' },
        { role: 'user', content: 'Begin.' },
      ],
      max_tokens: 4000,
      temperature: 0,
      top_p: 0.25,
      stream: false,
    });
  });

  it('is without what is not to be sent', async () => {
    const body = await bodyOf('--no-max-tokens', '--no-temperature', '--no-top-p', 'Begin.');
    expect(Object.keys(body).sort()).toEqual(['messages', 'model', 'stream']);
  });

  it('bears the name of the application', async () => {
    const emulator = await anEmulator();
    await cli(['generate', 'Begin.'], {
      env: { ...to(emulator), SITE_URL: 'https://books.example', SITE_TITLE: 'My Books' },
    });
    expect(emulator.requests[0]!.headers).toMatchObject({
      'http-referer': 'https://books.example',
      'x-title': 'My Books',
      'x-openrouter-title': 'My Books',
    });
  });
});
