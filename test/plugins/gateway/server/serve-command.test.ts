import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, memoryStateStore, pluginCommands, tokens } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { gateway } from 'scriptorium/plugins/gateway';
import type { GatewayPluginOptions } from 'scriptorium/plugins/gateway';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { loadFastify } from '../../../../plugins/gateway/server/load-packages.js';
import { startGateway } from '../../../../plugins/gateway/server/start-gateway.js';
import { eventually } from '../../../support/eventually.js';
import { failureOf, pipelineTo } from '../../../support/pipelines.js';
import { afterwards, served } from './served.js';

/** Runs a command of the plugin as the program does. */
// eslint-disable-next-line max-params -- the surroundings of a command, of which most tests need the first
async function running(
  name: string,
  args: readonly string[],
  options: GatewayPluginOptions = {},
  more: readonly Plugin[] = [],
) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gateway-')));
  afterwards(() => rmSync(folder, { recursive: true }));
  const emulator = await startEmulator({ words: 20, tokensPerSecond: 0 });
  afterwards(() => emulator.close());
  const { commands, dispose } = await pluginCommands({
    environment: {},
    plugins: [openrouter(), ...more, gateway({ keysFile: join(folder, 'gateway.json'), port: 0, ...options })],
    config: {
      logging: { level: 'silent' },
      defaults: { model: 'scriptorium/exact' },
      plugins: {
        openrouter: { baseUrl: emulator.url, apiKey: 'sk-or-v1-x' },
      },
    },
  });
  afterwards(dispose);
  const command = commands.find((candidate) => candidate.name === name)!;
  const [stdout, stderr] = [textOf(), textOf()];
  const stop = new AbortController();
  const ended = command.run(args, { signal: stop.signal, stdout: stdout.stream, stderr: stderr.stream });
  ended.catch(() => undefined);
  return {
    emulator,
    ended,
    stop: () => stop.abort(),
    stdout: stdout.text,
    stderr: stderr.text,
    hasFile: () => existsSync(join(folder, 'gateway.json')),
  };
}

function textOf() {
  let text = '';
  const stream = new PassThrough().setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return { stream, text: () => text };
}

describe('scriptorium serve', () => {
  it('prints its address, serves until the signal, and ends with 0', async () => {
    const { ended, stop, stdout, stderr } = await running('serve', []);
    await eventually(() => stderr().includes('\n'));
    const url = stdout().trim();
    expect({ stdout: stdout(), stderr: stderr() }).toEqual({
      stdout: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\n$/),
      stderr: `The base URL of clients is ${url}/v1 for OpenAI's, ${url}/api/v1 for OpenRouter's.\n`,
    });
    expect((await fetch(`${url}/generate?prompt=Begin.`, { method: 'POST' })).status).toBe(200);
    stop();
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('shows what BookGen is started with', async () => {
    const { ended, stop, stdout, stderr } = await running('serve', ['--for', 'bookgen', '--host', 'localhost']);
    await eventually(() => stderr().includes('\n'));
    expect(stderr()).toBe(`Start BookGen with OPENROUTER_BASE_URL=${stdout().trim()}/api/v1 NO_PROXY=localhost\n`);
    stop();
    expect(await ended).toBe(0);
  });

  it('adds what BookGen needs to the sections of the configured policy, whose own values win', async () => {
    const policy = { continuity: { maxSegments: 20 }, maxTokens: { means: 'segment', factor: 2 } } as const;
    const { ended, stop, stdout, emulator } = await running('serve', ['--for', 'bookgen'], { policy });
    await eventually(() => stdout().includes('\n'));
    const answer = await fetch(`${stdout().trim()}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ max_tokens: 5, messages: [{ role: 'user', content: 'Begin.' }] }),
    });
    const { choices } = (await answer.json()) as { choices: readonly { finish_reason: string }[] };
    // A cap of 5 × 2 tokens is reached, and the text is continued.
    expect({ finish: choices[0]?.finish_reason, isContinued: emulator.requests.length > 1 }).toEqual({
      finish: 'stop',
      isContinued: true,
    });
    expect(emulator.requests[0]?.body).toMatchObject({ max_tokens: 10 });
    stop();
    expect(await ended).toBe(0);
  });

  it('refuses a policy of the configuration by its path, before any command runs', async () => {
    const policies = { night: { limits: { concurrency: 1.5 } } };
    await expect(running('gateway', ['key', 'list'], { policies })).rejects.toThrow(
      'plugins.gateway.policies.night.limits.concurrency is 1.5, but must be a whole number of at least 1.',
    );
    await expect(running('serve', [], { policy: { maxWaitMs: -1 } })).rejects.toThrow(
      'plugins.gateway.policy.maxWaitMs is -1, but must be milliseconds',
    );
  });

  it.each([
    [['--port', 'x'], 'serve: --port is "x", but must be a whole number from 0 to 65535.'],
    [['--for', 'chat'], 'serve: --for is "chat", but must be bookgen.'],
    [['--unknown'], "Unknown option '--unknown'"],
  ])('refuses %p', async (args, message) => {
    const { ended } = await running('serve', args);
    await expect(ended).rejects.toThrow(message);
  });

  it('does not start on an address that others reach before there is a key, and starts then', async () => {
    const open = await running('serve', ['--host', '0.0.0.0']);
    await expect(open.ended).rejects.toThrow('Make one with "scriptorium gateway key add NAME"');
    const keys = memoryStateStore();
    await keyStore(keys).add({ name: 'ada', now: 0 });
    const { url } = await served({ host: '0.0.0.0', keys });
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
  });
});

describe('the keys of a configuration that replaces the state store', () => {
  it('are in that store, for the command and for the server, and not in the file', async () => {
    const shared = memoryStateStore();
    const redis = definePlugin({
      name: 'redis',
      apiVersion: 1,
      setup: (host) => host.replace(tokens.STATE_STORE, shared),
    });
    const added = await running('gateway', ['key', 'add', 'ada'], {}, [redis]);
    expect(await added.ended).toBe(0);
    expect({ names: (await keyStore(shared).read()).map(({ name }) => name), hasFile: added.hasFile() }).toEqual({
      names: ['ada'],
      hasFile: false,
    });
    const { ended, stop, stdout } = await running('serve', [], {}, [redis]);
    await eventually(() => stdout().includes('\n'));
    const ask = (headers: Readonly<Record<string, string>> = {}) => fetch(`${stdout().trim()}/v1/models`, { headers });
    expect({
      without: (await ask()).status,
      withKey: (await ask({ authorization: `Bearer ${added.stdout().trim()}` })).status,
    }).toEqual({ without: 401, withKey: 200 });
    stop();
    expect(await ended).toBe(0);
  });
});

describe('the metrics of scriptorium serve', () => {
  it('are on its own port where the configuration loads the plugin', async () => {
    const { ended, stop, stdout } = await running('serve', [], {}, [prometheus({ listen: false })]);
    await eventually(() => stdout().includes('\n'));
    await fetch(`${stdout().trim()}/generate?prompt=Begin.`, { method: 'POST' });
    const text = await (await fetch(`${stdout().trim()}/metrics`)).text();
    expect(text).toMatch(/^scriptorium_requests_total\{.*outcome="success".*\} 1$/m);
    stop();
    expect(await ended).toBe(0);
  });
});

describe('scriptorium gateway', () => {
  it('is there beside serve', async () => {
    const { ended, stdout } = await running('gateway', ['--help']);
    expect({ code: await ended, text: stdout() }).toEqual({ code: 0, text: expect.stringContaining('key add') });
  });
});

describe('a gateway that cannot listen', () => {
  it('names the port that is in use, and what to do', async () => {
    const { emulator, port } = await served();
    const pipeline = await pipelineTo(emulator.url);
    afterwards(() => pipeline.dispose());
    const error = await failureOf(startGateway(pipeline, { port }));
    expect({ isConfig: error instanceof ConfigError, message: error.message }).toEqual({
      isConfig: true,
      message: `The gateway cannot listen: port ${port} of 127.0.0.1 is in use. Choose another one with --port; 0 takes any that is free.`,
    });
  });

  it('says what to install without its packages', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const error = await failureOf(loadFastify(() => Promise.reject(missing)));
    expect(error.message).toContain('npm i fastify@5 @fastify/swagger@9');
    await expect(loadFastify(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
