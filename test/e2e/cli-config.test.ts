import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { aFolder, anEmulator, cleanUp, cli, to } from './run-cli.js';

afterAll(cleanUp);

/** Where there is nobody, for a program that asks nobody. */
const NOBODY = { url: 'http://127.0.0.1:9/api/v1' };

/** `scriptorium config --json`. */
async function configOf(
  options: Parameters<typeof cli>[1],
  ...args: string[]
): Promise<Record<string, { value: unknown; source: string }>> {
  const { code, stdout, stderr } = await cli(['config', '--json', ...args], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, { value: unknown; source: string }>;
}

describe('.env in the working folder', () => {
  it('is read, and does not replace variables that are set', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({
      '.env': '\uFEFFOPENROUTER_API_KEY=sk-or-v1-from-the-file\nOPENROUTER_MODEL=not/this\nOPENROUTER_MAX_TOKENS=123\n',
    });
    const env = { OPENROUTER_BASE_URL: emulator.url, OPENROUTER_MODEL: 'scriptorium/exact' };
    const { code } = await cli(['generate', 'Begin.'], { env, folder });
    expect(code).toBe(0);
    expect(emulator.requests[0]!.body).toMatchObject({ model: 'scriptorium/exact', max_tokens: 123 });
  });

  it('that cannot be read is told in one line', async () => {
    const folder = aFolder();
    mkdirSync(join(folder, '.env'));
    const { code, stdout, stderr } = await cli(['generate', '--demo', 'Begin.'], { folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^scriptorium: .*\.env.*\n$/);
  });
});

describe('scriptorium.config.json in the working folder', () => {
  it('is read; variables and options are stronger', async () => {
    const emulator = await anEmulator();
    const folder = aFolder({
      'scriptorium.config.json': {
        defaults: { maxTokens: 200, temperature: 1.5 },
        plugins: { openrouter: { model: 'not/this', siteTitle: 'From the file' } },
      },
    });
    const { code } = await cli(['generate', '--max-tokens', '300', 'Begin.'], { env: to(emulator), folder });
    expect(code).toBe(0);
    expect(emulator.requests[0]).toMatchObject({
      body: { model: 'scriptorium/exact', max_tokens: 300, temperature: 1.5 },
      headers: { 'x-title': 'From the file' },
    });
  });

  it('is replaced by the file of --config', async () => {
    const folder = aFolder({
      'scriptorium.config.json': { defaults: { maxTokens: 200 } },
      'other.json': { defaults: { temperature: 1.5 } },
    });
    const config = await configOf({ env: to(NOBODY), folder }, '--config', 'other.json');
    expect(config).toMatchObject({
      'defaults.temperature': { value: 1.5, source: join(folder, 'other.json') },
      'defaults.maxTokens': { value: 8192, source: 'default' },
    });
  });

  it.each([
    ['is not valid JSON', '{ "defaults": ', 'is not valid JSON'],
    ['is no object', '[]', 'holds no JSON object'],
    ['holds a misspelt key', { retry: { maxAtempts: 3 } }, 'Did you mean "retry.maxAttempts"?'],
    [
      'holds a misspelt key of a plugin',
      { plugins: { openrouter: { sietTitle: 'x' } } },
      'Did you mean "plugins.openrouter.siteTitle"?',
    ],
    ['holds a wrong value', { retry: { maxAttempts: 'many' } }, 'retry.maxAttempts'],
  ])('that %s ends the program with 2', async (_, content, hint) => {
    const { code, stdout, stderr } = await cli(['generate', '--demo', 'Begin.'], {
      folder: aFolder({ 'scriptorium.config.json': content }),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('scriptorium.config.json');
    expect(stderr).toContain(hint);
  });

  it('is judged as a whole: everything that is wrong is told at once', async () => {
    const folder = aFolder({
      'scriptorium.config.json': { retry: { maxAtempts: 3, baseMs: -1 }, defaults: { topP: 7 } },
    });
    const { code, stderr } = await cli(['generate', '--demo', 'Begin.'], { folder });
    expect(code).toBe(2);
    for (const path of ['retry.maxAtempts', 'retry.baseMs', 'defaults.topP']) expect(stderr).toContain(path);
  });
});

describe('NODE_ENV', () => {
  it("chooses a file of the package; the user's own file and variables are stronger", async () => {
    const folder = aFolder({ 'scriptorium.config.json': { limits: { maxRequests: 9 } } });
    const config = await configOf({
      env: { ...to(NOBODY), NODE_ENV: 'free-tier', SCRIPTORIUM_RETRY_MAX_ATTEMPTS: '7' },
      folder,
    });
    expect(config).toMatchObject({
      'rateLimit.requestsPerMinute': { value: 20, source: expect.stringMatching(/config\/free-tier\.json$/) },
      'limits.maxRequests': { value: 9, source: join(folder, 'scriptorium.config.json') },
      'retry.maxAttempts': { value: 7, source: 'SCRIPTORIUM_RETRY_MAX_ATTEMPTS' },
    });
  });

  it('that is not set, or names no file, changes nothing', async () => {
    const [unset, unknown] = await Promise.all(
      [{}, { NODE_ENV: 'staging' }].map((env) => configOf({ env: { ...to(NOBODY), ...env } })),
    );
    expect(unknown).toEqual(unset);
    expect(unset!['rateLimit.requestsPerMinute']).toEqual({ value: null, source: 'default' });
  });
});

describe('scriptorium config', () => {
  it('prints every value with its source, the key masked', async () => {
    const folder = aFolder({ 'scriptorium.config.json': { retry: { maxAttempts: 2 } } });
    const env = { ...to(NOBODY), OPENROUTER_TIMEOUT: '20', SCRIPTORIUM_RATE_LIMIT_MIN_INTERVAL_MS: '5' };
    const config = await configOf({ env, folder });
    expect(config).toMatchObject({
      'defaults.model': { value: null, source: 'default' },
      'plugins.openrouter.model': { value: 'scriptorium/exact', source: 'OPENROUTER_MODEL' },
      'defaults.topP': { value: 0.9, source: 'default' },
      'retry.maxAttempts': { value: 2, source: join(folder, 'scriptorium.config.json') },
      'timeouts.attemptMs': { value: 20_000, source: 'OPENROUTER_TIMEOUT' },
      'rateLimit.minIntervalMs': { value: 5, source: 'SCRIPTORIUM_RATE_LIMIT_MIN_INTERVAL_MS' },
      'plugins.openrouter.apiKey': { source: 'OPENROUTER_API_KEY' },
    });
    const { stdout, stderr } = await cli(['config'], { env, folder });
    expect(stdout.split('\n').find((line) => line.startsWith('plugins.openrouter.apiKey'))).toMatch(
      / \(OPENROUTER_API_KEY\)$/,
    );
    expect(JSON.stringify(config) + stdout + stderr).not.toContain('e2e');
  });

  it('prints what it has where something is wrong, the problems on stderr without the key, and ends with 2', async () => {
    const folder = aFolder({ 'scriptorium.config.json': { retry: { maxAttempts: 2, maxAtempts: 3 } } });
    const { code, stdout, stderr } = await cli(['config'], {
      env: { OPENROUTER_API_KEY: 'sk-or-v1 canary', OPENROUTER_MAX_TOKENS: 'many', SCRIPTORIUM_RETRY_BASEMS: '5' },
      folder,
    });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^retry\.maxAttempts +2 {2}\(.*scriptorium\.config\.json\)$/m);
    expect(stdout).toMatch(/^plugins\.openrouter\.apiKey +"\[secret\]" {2}\(OPENROUTER_API_KEY\)$/m);
    expect(stdout).toMatch(/^defaults\.maxTokens +"many" {2}\(OPENROUTER_MAX_TOKENS\)$/m);
    for (const name of [
      'plugins.openrouter.apiKey',
      'defaults.maxTokens',
      'retry.maxAtempts',
      'SCRIPTORIUM_RETRY_BASEMS',
    ])
      expect(stderr).toContain(`scriptorium: ${name}`);
    expect(stdout + stderr).not.toContain('canary');
  });

  it('prints what it has where the key is missing, as JSON too', async () => {
    const { code, stdout, stderr } = await cli(['config', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      'plugins.openrouter.apiKey': { value: null, source: 'default' },
      'defaults.topP': { value: 0.9 },
    });
    expect(stderr).toMatch(
      /^scriptorium: plugins\.openrouter\.apiKey \(OpenRouter API key\) is required: set OPENROUTER_API_KEY/,
    );
  });

  it.each([
    ['a configuration file that is broken', { 'scriptorium.config.json': '{ "retry": ' }, /is not valid JSON/],
    ['a plugin that cannot be found', { 'scriptorium.config.json': { load: ['./nowhere.mjs'] } }, /nowhere\.mjs/],
  ])('prints what it has in spite of %s', async (_, files: Record<string, string | object>, problem) => {
    const { code, stdout, stderr } = await cli(['config'], { env: to(NOBODY), folder: aFolder(files) });
    expect({ code, lines: stdout.split('\n').length > 20 }).toEqual({ code: 2, lines: true });
    expect(stderr).toMatch(problem);
  });

  it("shows the program's own defaults as those of a file", async () => {
    expect(await configOf({ env: to(NOBODY) })).toMatchObject({
      'logging.level': { value: 'silent', source: expect.stringMatching(/config\/default\.json$/) },
    });
  });
});
