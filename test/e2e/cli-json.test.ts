import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { aFolder, anEmulator, cleanUp, cli, to } from './run-cli.js';

afterAll(cleanUp);

/** The one JSON value on standard output. */
async function jsonOf(args: readonly string[], options?: Parameters<typeof cli>[1]) {
  const { code, stdout } = await cli(args, options);
  return { code, json: JSON.parse(stdout) as Readonly<Record<string, unknown>> };
}

const BROKEN = { 'scriptorium.config.json': '{ "retry": ' };

describe('--json', () => {
  it.each([
    ['generate', ['generate', 'Hm.', '--json']],
    ['verify', ['verify', '--json']],
    ['models', ['models', '--json']],
    ['key', ['key', '--json']],
    ['a command of a plugin', ['batch', 'ls', '--json']],
  ])('prints a configuration error as JSON: %s', async (_, args) => {
    const { code, json } = await jsonOf(args, { folder: aFolder(BROKEN) });
    expect({ code, json: JSON.stringify(json) }).toEqual({
      code: 2,
      json: expect.stringContaining('is not valid JSON'),
    });
  });

  it.each([
    ['an unknown option', ['models', '--json', '--fre'], 'invalid-input', /--fre/],
    ['an unknown command', ['modles', '--json'], 'invalid-input', /modles/],
    ['an option without its value', ['models', '--json', '--sort'], 'invalid-input', /--sort/],
    ['no prompt', ['generate', '--json'], 'invalid-input', /There is no prompt/],
    ['no key', ['generate', '--json', 'Hm.'], 'configuration', /OPENROUTER_API_KEY/],
    ['a command that is not loaded', ['stats', '--json'], 'invalid-input', /scriptorium\/plugins\/ledger/],
    ['a command that knows no JSON', ['serve', '--json'], 'invalid-input', /--json/],
  ] as const)('prints a usage error as JSON: %s', async (...[, args, code, message]) => {
    const { json } = await jsonOf(args);
    expect(json).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
  });

  it('does not print the key in an unknown option', async () => {
    const { json } = await jsonOf(['models', '--json', '--api-key=sk-or-v1-canary']);
    expect(JSON.stringify(json)).not.toContain('canary');
  });

  it('prints the checks of verify', async () => {
    const { code, json } = await jsonOf(['verify', '--json', '--demo']);
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true, checks: { length: 5 } } });
    const failing = await jsonOf(['verify', '--json'], { env: to({ url: 'http://127.0.0.1:9/api/v1' }) });
    expect(failing).toMatchObject({ code: 1, json: { ok: false } });
    expect(failing.json.checks).toContainEqual({ name: 'statistics', outcome: 'skipped', message: 'not tried' });
  });

  it('prints the problems of config beside its values', async () => {
    const { code, json } = await jsonOf(['config', '--json'], { env: { ...to({ url: 'x' }) } });
    expect(code).toBe(2);
    expect(json).toMatchObject({ 'defaults.topP': { value: 0.9 }, problems: [expect.stringMatching(/baseUrl/)] });
  });

  it('prints the tallies of demo, and the folder of plugin new', async () => {
    expect(await jsonOf(['demo', '--json', '--seconds', '1', '--seed', '3'])).toMatchObject({
      json: { seed: 3, tallies: { ours: { verdicts: { failed: 0 } } } },
    });
    const folder = aFolder();
    expect(await jsonOf(['plugin', 'new', 'mine', '--json'], { folder })).toMatchObject({
      json: {
        name: 'mine',
        kind: 'sink',
        folder: join(folder, 'mine'),
        files: expect.arrayContaining(['package.json']),
      },
    });
  });
});

describe('messages', () => {
  it.each([
    ['a prompt file that is not there', ['generate', '--demo', '-f', 'nowhere.txt'], 'there is no such file or folder'],
    ['a prompt file that is a folder', ['generate', '--demo', '-f', 'folder'], 'it is a folder'],
    ['a configuration that is not there', ['generate', 'Hm.', '-c', 'nowhere.json'], 'there is no such file or folder'],
    ['an output in a file', ['generate', '--demo', 'Hm.', '-o', 'a.txt/b.txt'], 'not a folder'],
    ['an output in a folder that is not there', ['generate', '--demo', 'Hm.', '-o', 'x/b.txt'], 'no such file'],
    ['a batch file that is not there', ['batch', 'run', '/nowhere.jsonl', '-o', '/x.jsonl'], 'no file'],
    ['an audit of nothing', ['audit', '/nowhere.jsonl'], ''],
  ])('hold no code of the system: %s', async (_, args, words) => {
    const folder = aFolder({ 'a.txt': 'x' });
    mkdirSync(join(folder, 'folder'));
    const { stderr } = await cli(args, { folder, env: to({ url: 'http://127.0.0.1:9/api/v1' }) });
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\bE(NOENT|ACCES|ISDIR|NOTDIR|PERM|EXIST)\b|Error:/);
  });
});

describe('help', () => {
  it.each([
    'generate',
    'verify',
    'demo',
    'config',
    'models',
    'key',
    'emulator',
    'plugin',
    'stats',
    'batch',
    'audit',
    'worker',
    'serve',
    'gateway',
  ])('is there for %s', async (command) => {
    const { code, stdout } = await cli(['help', command]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^Usage: scriptorium ${command}`)),
    });
    expect(stdout.split('\n').length).toBeGreaterThan(4);
  });

  it('says that a command is unknown', async () => {
    expect(await cli(['help', 'nothing'])).toMatchObject({ code: 2, stderr: expect.stringContaining("'nothing'") });
  });
});

describe('numbers', () => {
  it('may end in k or M, in options, variables and files', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({ 'scriptorium.config.json': { budget: { dayTokens: '1.5M' } } });
    const env = { ...to(emulator), OPENROUTER_MAX_TOKENS: '32k' };
    await cli(['generate', 'Hm.', '--max-tokens', '1.1k'], { env, folder });
    expect(emulator.requests[0]!.body).toMatchObject({ max_tokens: 1_100 });
    const { json } = await jsonOf(['config', '--json'], { env, folder });
    expect(json).toMatchObject({ 'defaults.maxTokens': { value: 32_000 }, 'budget.dayTokens': { value: 1_500_000 } });
  });

  it.each(['k', '1.2.3k', '-1k', '5kk'])('are refused: %s', async (value) => {
    expect(await cli(['models', '--min-context', value])).toMatchObject({ code: 2 });
  });
});

describe('.env', () => {
  it('is named as the source of a value, also of a wrong one', async () => {
    const folder = aFolder({ '.env': 'OPENROUTER_API_KEY=k\nOPENROUTER_MAX_TOKENS=many\n' });
    const { json } = await jsonOf(['config', '--json'], { folder, env: { OPENROUTER_MODEL: 'x/y' } });
    expect(json).toMatchObject({
      'plugins.openrouter.apiKey': { source: 'OPENROUTER_API_KEY in .env' },
      'plugins.openrouter.model': { source: 'OPENROUTER_MODEL' },
      problems: [expect.stringContaining('(from OPENROUTER_MAX_TOKENS in .env)')],
    });
    const { stderr } = await cli(['generate', 'Hm.'], { folder });
    expect(stderr).toContain('(from OPENROUTER_MAX_TOKENS in .env)');
  });
});
