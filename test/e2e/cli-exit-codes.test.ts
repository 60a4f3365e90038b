import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { scriptServer } from '../support/script-server.js';
import { chunked, delta, DONE, finish } from '../support/wire.js';
import { aFolder, anEmulator, cleanUp, cli, start, to } from './run-cli.js';

afterAll(cleanUp);

describe('exit code 1', () => {
  it.each([
    ['a refused key', { status: 401 } as const, /^scriptorium: OpenRouter answered 401.*OPENROUTER_API_KEY\.\n$/],
    ['a page that is no answer', { html: true } as const, /^scriptorium: .*Is a proxy or a login page in between\?\n$/],
    [
      'a stream that ends too early and is not to be resumed',
      { truncate: { afterDeltas: 4 } } as const,
      /^scriptorium: .*broke off.*\n$/,
    ],
  ])('is for %s, with one readable line', async (_, fault, line) => {
    const emulator = await anEmulator();
    emulator.script(...Array.from({ length: 4 }, () => fault));
    const { code, stdout, stderr } = await cli(['generate', 'Fail.'], {
      env: { ...to(emulator), SCRIPTORIUM_RETRY_BASE_MS: '1', SCRIPTORIUM_CONTINUITY_ON_BREAK: 'fail' },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(stderr.trim()).not.toContain('\n');
    expect(stdout === '' || stdout.endsWith('\n')).toBe(true);
  });

  it('is for a stream that ends too early once too often, with all the text there was and a line for each break', async () => {
    const emulator = await anEmulator();
    emulator.script({ truncate: { afterDeltas: 4 } }, { truncate: { afterDeltas: 4 } });
    const exact = {
      SCRIPTORIUM_CONTINUITY_MAX_SEGMENTS: '1',
      SCRIPTORIUM_PLUGINS_OPENROUTER_PREFILL: '{"*": "exact"}',
    };
    const { code, stdout, stderr } = await cli(['generate', 'Fail.'], { env: { ...to(emulator), ...exact } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${emulator.requests.map(({ text }) => text).join('')}\n` });
    expect(stderr).toMatch(
      /^scriptorium: the answer broke off; scriptorium\/exact goes on with it\nscriptorium: .*broke off.*continuity\.maxSegments.*\n$/,
    );
    expect(emulator.requests).toHaveLength(2);
  });

  it("is for a text that the vendor's filter has cut, which is printed all the same", async () => {
    const server = await scriptServer([
      { request: true },
      { write: chunked(delta('Once upon') + finish('content_filter') + DONE) },
    ]);
    const { code, stdout, stderr } = await cli(['generate', 'Fail.'], {
      env: { OPENROUTER_BASE_URL: server.url, OPENROUTER_API_KEY: 'k' },
    });
    await server.close();
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: 'Once upon\n',
      stderr: 'scriptorium: the text is not whole: the model stopped with "content_filter"\n',
    });
  });

  it('is for a host that cannot be reached, and says which', async () => {
    const emulator = await anEmulator();
    const { code, stdout, stderr } = await cli(['generate', 'Fail.'], {
      env: { ...to(emulator), OPENROUTER_BASE_URL: 'http://127.0.0.1:9/api/v1', SCRIPTORIUM_RETRY_MAX_ATTEMPTS: '1' },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^scriptorium: .*ECONNREFUSED.*127\.0\.0\.1:9.*\n$/);
  });
});

describe('a usage error', () => {
  it.each([
    ['an option of another name', ['generate', '--api-key=canary-0123456789', 'Hm.']],
    ['an option without a name', ['generate', '-kcanary-0123456789', 'Hm.']],
    ['a command', ['--apikey', 'canary-0123456789']],
    ['an argument too many', ['key', 'sk-or-v1-canary-0123456789']],
  ])('does not repeat a key that was passed as %s', async (_, args) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toContain('canary');
    expect(stderr).toMatch(/^scriptorium: /);
  });
});

describe('exit code 2', () => {
  it.each([
    ['an unknown option', ['generate', '--temprature', '1', 'Hm.'], '--temprature'],
    ['a value that is no number', ['generate', '--temperature', 'warm', 'Hm.'], '--temperature <n>'],
    ['a value out of range', ['generate', '--demo', '--temperature', '2.5', 'Hm.'], 'must be a number from 0 to 2'],
    ['half a token', ['generate', '--demo', '--max-tokens', '1.5', 'Hm.'], 'must be a whole number'],
    ['an unknown wire', ['generate', '--wire', 'tcp', 'Hm.'], 'sse, json'],
    ['a label without a name', ['generate', '--label', 'ada', 'Hm.'], 'book=ada'],
    ['no prompt', ['generate', '--demo'], 'There is no prompt'],
    ['a blank prompt', ['generate', '--demo', '  '], 'There is no prompt'],
    ['a prompt file that is not there', ['generate', '--demo', '--file', 'nowhere.txt'], 'nowhere.txt'],
    ['two prompts', ['generate', '--demo', '--file', 'nowhere.txt', 'Hm.'], 'not both'],
    [
      'an output that cannot be written',
      ['generate', '--demo', '-o', 'no/such/folder.txt', 'Hm.'],
      'no/such/folder.txt',
    ],
    [
      'a configuration file that is not there',
      ['generate', '--demo', '--config', 'nowhere.json', 'Hm.'],
      'nowhere.json',
    ],
    ['a port that is none', ['emulator', '--port', '99999'], '65535'],
  ])('is for %s', async (_, args, hint) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('scriptorium: ');
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it.concurrent('is that of the process, which prints no stack', async () => {
    expect(await start(['generete', 'Hm.']).ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^scriptorium: unknown command 'generete'\n\(Did you mean generate\?\)\n[^\n]*\n$/),
    });
  });

  it('is for a missing key, and names the variable and --demo', async () => {
    const [unset, empty] = await Promise.all(
      [{}, { OPENROUTER_API_KEY: '' }].map((env) => cli(['generate', 'Hm.'], { env })),
    );
    expect(unset).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/OPENROUTER_API_KEY[^]*--demo/) });
    expect(empty).toEqual(unset);
  });

  it('makes no output file', async () => {
    const folder = aFolder();
    expect(await cli(['generate', '-o', 'text.txt', 'Hm.'], { folder })).toMatchObject({ code: 2 });
    expect(existsSync(join(folder, 'text.txt'))).toBe(false);
  });
});

describe('exit code 3', () => {
  it('is for a text that the token cap cut, which is printed all the same', async () => {
    const emulator = await anEmulator();
    const { code, stdout, stderr } = await cli(['generate', '--max-tokens', '7', 'Cut.'], { env: to(emulator) });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'scriptorium: the text was cut by the token cap; raise --max-tokens\n',
    });
    expect(stdout).toBe(`${emulator.requests[0]!.text}\n`);
    expect(stdout.length).toBeGreaterThan(10);
  });
});
