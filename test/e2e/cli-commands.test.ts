import { afterAll, describe, expect, it } from '@jest/globals';
import { aFolder, anEmulator, cleanUp, cli, run, start, to } from './run-cli.js';

afterAll(cleanUp);

const aStrictEmulator = () => anEmulator({ apiKey: 'sk-or-v1-e2e' });

/** What `verify` says of each check. */
const marks = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => /^[✓✗-] /.test(line))
    .map((line) => line.split(':')[0]);

describe('scriptorium verify', () => {
  it('is all green where everything is in place', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout, stderr } = await cli(['verify'], { env: to(emulator) });
    expect(marks(stdout)).toEqual([
      '✓ configuration',
      '✓ reachable',
      '✓ key and quota',
      '✓ generation',
      '✓ statistics',
    ]);
    expect({ code, stderr, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, stderr: '', lines: 5 });
    expect(stdout).not.toContain('sk-or-v1-e2e');
  });

  it('is all green with --demo', async () => {
    const { code, stdout } = await cli(['verify', '--demo']);
    expect(stdout).not.toContain('$0');
    expect({ code, marks: marks(stdout) }).toEqual({
      code: 0,
      marks: ['✓ configuration', '✓ reachable', '✓ key and quota', '✓ generation', '✓ statistics'],
    });
  });

  it('says of a wrong key what to do', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout } = await cli(['verify'], { env: { ...to(emulator), OPENROUTER_API_KEY: 'sk-or-v1-canary' } });
    expect({ code, marks: marks(stdout) }).toEqual({
      code: 1,
      marks: ['✓ configuration', '✓ reachable', '✗ key and quota', '- generation', '- statistics'],
    });
    expect(stdout).toMatch(/^✗ key and quota: .*401.*OPENROUTER_API_KEY/m);
    expect(stdout).not.toContain('canary');
  });

  it('says of a host that cannot be reached what to do', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout } = await cli(['verify'], {
      env: { ...to(emulator), OPENROUTER_BASE_URL: 'http://127.0.0.1:9/api/v1' },
    });
    expect({ code, marks: marks(stdout) }).toEqual({
      code: 1,
      marks: ['✓ configuration', '✗ reachable', '- key and quota', '- generation', '- statistics'],
    });
    expect(stdout).toMatch(/^✗ reachable: .*127\.0\.0\.1:9.*base URL \(plugins\.openrouter\.baseUrl\)/m);
    expect(stdout).not.toContain('..');
  });

  it('says of a base URL whose path is wrong what to do, and nothing of models', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout } = await cli(['verify'], {
      env: { ...to(emulator), OPENROUTER_BASE_URL: emulator.url.replace('/api/v1', '/api/v7') },
    });
    expect({ code, marks: marks(stdout) }).toEqual({
      code: 1,
      marks: ['✓ configuration', '✗ reachable', '- key and quota', '- generation', '- statistics'],
    });
    expect(stdout).toMatch(
      /^✗ reachable: .*404.* Check the base URL \(plugins\.openrouter\.baseUrl, which comes from OPENROUTER_BASE_URL\)/m,
    );
    expect(stdout).not.toMatch(/name of the model|network|\.\./);
  });

  it.each([
    [
      'a bad value',
      { OPENROUTER_MAX_TOKENS: 'many' },
      /^✗ configuration: [^]*defaults\.maxTokens \(from OPENROUTER_MAX_TOKENS\) is "many", but must be /,
    ],
    ['a missing key', { OPENROUTER_API_KEY: '' }, /^✗ configuration: [^]*OPENROUTER_API_KEY[^]*--demo/],
  ])('says of %s what would be right', async (_, env, message) => {
    const emulator = await aStrictEmulator();
    const { code, stdout, stderr } = await cli(['verify'], { env: { ...to(emulator), ...env } });
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toMatch(message);
  });

  it('says of a model that does not exist what to do', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout } = await cli(['verify'], {
      env: { ...to(emulator), OPENROUTER_MODEL: 'scriptorium/no-such-model' },
    });
    expect({ code, marks: marks(stdout).slice(3) }).toEqual({ code: 1, marks: ['✗ generation', '- statistics'] });
    expect(stdout).toMatch(/^✗ generation: .*no-such-model is not.*"scriptorium models"/m);
  });
});

describe('scriptorium emulator', () => {
  it.each([
    ['SIGTERM', run],
    ['SIGINT', start],
  ] as const)('prints its address, serves, and ends by %s even while it is in use', async (signal, begin) => {
    const running = begin(['emulator', '--port', '0', '--tokens-per-second', '20']);
    await running.shows('\n');
    const url = running.stdout().trim();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1$/);
    const client = run(['generate', 'Serve me.'], {
      env: {
        OPENROUTER_API_KEY: 'any',
        OPENROUTER_BASE_URL: url,
        OPENROUTER_MODEL: 'scriptorium/moby-dick',
        SCRIPTORIUM_RETRY_MAX_ATTEMPTS: '1',
      },
    });
    await client.shows(/\w+ \w+/);
    running.kill(signal);
    expect(await running.ended).toMatchObject({
      code: 0,
      signal: null,
      stderr: expect.stringContaining('not an LLM'),
    });
    expect(await client.ended).toMatchObject({ code: 1 });
  });

  it('tells in one line that its port is taken', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout, stderr } = await cli(['emulator', '--port', String(emulator.port)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^scriptorium: .*EADDRINUSE.*\n$/);
  });
});

describe("a plugin's command", () => {
  const plugin = `export default {
    name: 'greeter', id: 'greeter', apiVersion: 1, dependsOn: [], options: {},
    config: { greeting: { doc: 'What it says', format: String, default: 'Hello' } },
    setup: (host) => host.addCommand({
      name: 'greet', description: 'says hello',
      run: async (names, { stdout }) => { stdout.write(host.config.greeting + ', ' + names.join(' and ') + '\\n'); return 7; },
    }),
  };`;
  const folder = () =>
    aFolder({
      'greeter.mjs': plugin,
      'scriptorium.config.json': { load: ['./greeter.mjs'], plugins: { greeter: { greeting: 'Good day' } } },
    });

  it('runs with its arguments and its configuration, and gives the exit code', async () => {
    const emulator = await aStrictEmulator();
    const args = ['greet', 'Ada', '--and', 'Byron'];
    expect(await cli(args, { env: to(emulator), folder: folder() })).toEqual({
      code: 7,
      signal: null,
      stdout: 'Good day, Ada and --and and Byron\n',
      stderr: '',
    });
  });

  it('is named where another one is asked for', async () => {
    const emulator = await aStrictEmulator();
    const { code, stdout, stderr } = await cli(['great'], { env: to(emulator), folder: folder() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/unknown command 'great'[^]*Did you mean greet\?/);
    expect(await cli(['great'])).toMatchObject({ code: 2, stderr: expect.not.stringContaining('left out') });
  });

  it('needs no key of OpenRouter, and takes its configuration from --config', async () => {
    const other = aFolder({
      'greeter.mjs': plugin,
      'c.json': { load: ['./greeter.mjs'], plugins: { greeter: { greeting: 'Moin' } } },
    });
    for (const args of [
      ['greet', '--config', 'c.json', 'Ada'],
      ['greet', 'Ada', '-c', 'c.json'],
      ['--config=c.json', 'greet', 'Ada'],
    ]) {
      expect(await cli(args, { folder: other })).toEqual({ code: 7, signal: null, stdout: 'Moin, Ada\n', stderr: '' });
    }
  });

  it('is listed in the help, with and without a key', async () => {
    const withOwn = folder();
    for (const args of [['--help'], ['help']])
      expect(await cli(args, { folder: withOwn })).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/^ +greet +says hello$/m),
      });
    const broken = aFolder({ 'scriptorium.config.json': { load: ['./nowhere.mjs'] } });
    expect(await cli(['--help'], { folder: broken })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('generate'),
      stderr: expect.stringContaining('nowhere.mjs'),
    });
  });

  it('that depends on OpenRouter says that the key is missing', async () => {
    const needy = aFolder({
      'greeter.mjs': plugin.replace('dependsOn: []', 'dependsOn: ["openrouter"]'),
      'scriptorium.config.json': { load: ['./greeter.mjs'] },
    });
    expect(await cli(['greet', 'Ada'], { folder: needy })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /the plugin "greeter" was left out: plugins\.openrouter\.apiKey.* OPENROUTER_API_KEY/,
      ),
    });
    expect(await cli(['greet', 'Ada'], { folder: needy, env: to({ url: 'http://127.0.0.1:9/api/v1' }) })).toMatchObject(
      { code: 7, stdout: 'Hello, Ada\n' },
    );
  });

  it("leaves the program's own commands as they are", async () => {
    const emulator = await aStrictEmulator();
    expect(await cli(['models', 'exact:free'], { env: to(emulator), folder: folder() })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('free'),
    });
  });

  it('cannot come from a plugin that is not there', async () => {
    const emulator = await aStrictEmulator();
    const { code, stderr } = await cli(['greet'], {
      env: to(emulator),
      folder: aFolder({ 'scriptorium.config.json': { load: ['./nowhere.mjs'] } }),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^scriptorium: Cannot find the plugin "\.\/nowhere\.mjs" \(in load\): /);
  });
});
