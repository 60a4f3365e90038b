import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { memoryStateStore } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { gatewayCommand } from '../../../../plugins/gateway/commands/gateway-command.js';
import { failureOf } from '../../../support/pipelines.js';

const LONGEST_LINE = 80;

function aCommand() {
  const clock = new ManualClock();
  const store = memoryStateStore();
  const command = gatewayCommand({ store, policies: { night: {} }, clock });
  const run = async (...args: readonly string[]) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await command.run(args, {
      openPipeline: () => Promise.reject(new Error('The command needs no pipeline.')),
      signal: new AbortController().signal,
      stdout,
      stderr,
    });
    const textOf = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
  };
  return { run, clock, keys: keyStore(store) };
}

describe('scriptorium gateway key', () => {
  it('adds a key, and prints it alone on standard output, once', async () => {
    const { run, keys } = aCommand();
    const added = await run('key', 'add', 'ada', '--policy', 'night', '--expires', '90d');
    const listed = await run('key', 'list');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sk-scr-[\w-]{43}\n$/) as unknown });
    expect(added.stderr).toBe(
      'Added the key "ada" with the policy "night". It expires at 2026-04-01T00:00Z.\nThis is the only time that it is shown: keep it now.\n',
    );
    expect({ isShownAgain: listed.stdout.includes(added.stdout.trim()), stored: await keys.read() }).toMatchObject({
      isShownAgain: false,
      stored: [{ name: 'ada', policy: 'night', expiresAt: Date.UTC(2026, 3, 1) }],
    });
  });

  it('lists keys with their states, in lines of at most 80 columns', async () => {
    const { run, clock } = aCommand();
    await run('key', 'add', 'ada', '--policy', 'night', '--expires', '12h');
    clock.advance(1_000);
    await run('key', 'add', 'x'.repeat(64));
    clock.advance(1_000);
    await run('key', 'add', 'bob');
    await run('key', 'revoke', 'bob');
    clock.advance(43_200_000);
    const lines = (await run('key', 'list')).stdout.trimEnd().split('\n');
    expect(lines.map((text) => text.replace(/sk-scr-[\w-]{6}/, 'sk-scr-******'))).toEqual([
      'NAME                KEY             POLICY  STATE',
      'ada                 sk-scr-******…  night   expired 2026-01-01 12:00',
      'xxxxxxxxxxxxxxxxx…  sk-scr-******…  -       valid',
      'bob                 sk-scr-******…  -       revoked 2026-01-01 00:00',
    ]);
    expect(lines.filter((text) => text.length > LONGEST_LINE)).toEqual([]);
  });

  it('says how to add the first key', async () => {
    const { run } = aCommand();
    expect((await run('key', 'list')).stdout).toBe('There is no key. Add one: scriptorium gateway key add NAME\n');
  });

  it('revokes a key', async () => {
    const { run, keys } = aCommand();
    await run('key', 'add', 'ada');
    const { code, stderr } = await run('key', 'revoke', 'ada');
    expect({ code, stderr, keys: await keys.read() }).toMatchObject({
      code: 0,
      stderr: 'Revoked the key "ada". Running gateways refuse it within a second.\n',
      keys: [{ name: 'ada', revokedAt: Date.UTC(2026, 0, 1) }],
    });
  });

  it.each([[], ['--help'], ['help'], ['key', 'add', '-h']])('shows its help in 80 columns: %j', async (...args) => {
    const { code, stdout } = await aCommand().run(...args);
    const wide = stdout.split('\n').filter((text) => text.length > LONGEST_LINE);
    expect({ code, start: stdout.slice(0, 33), wide }).toEqual({
      code: 0,
      start: 'Usage: scriptorium gateway key <a',
      wide: [],
    });
  });

  it.each([
    ['keys', 'gateway: "keys" is not known. Use: gateway key add|list|revoke'],
    ['key', 'gateway: "key " is not known.'],
    ['key remove ada', 'gateway: "key remove" is not known.'],
    ['key add', 'gateway: The name of the key is missing. Use: key add NAME'],
    ['key add a b', 'gateway: "b" is one word too many.'],
    ['key list ada', 'gateway: "ada" is one word too many.'],
    ['key revoke ada', 'There is no key "ada". List the keys: scriptorium gateway key list'],
    ['key revoke ada --policy night', 'gateway: --policy and --expires belong to "key add".'],
    ['key add ada --policy day', 'gateway: There is no policy "day". Known policies: night.'],
    [
      'key add ada --expires soon',
      'gateway: --expires is "soon", but must be a number with m, h, d or w, such as 90d.',
    ],
    ['key add ada --expires 0d', 'gateway: --expires is "0d"'],
    ['key add local', 'A key cannot be named "local".'],
  ])('refuses "%s" with a remedy', async (line, message) => {
    const error = await failureOf(aCommand().run(...line.split(' ')));
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'invalid-input',
      message: expect.stringContaining(message) as unknown,
    });
  });
});
