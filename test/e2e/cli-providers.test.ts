import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aFolder, anEmulator, cleanUp, cli, start, to } from './run-cli.js';
import { chatServer, messagesServer, SAYING } from './vendor-servers.js';
import type { VendorServer } from './vendor-servers.js';

let ollama: VendorServer;
let openai: VendorServer;
let anthropic: VendorServer;

beforeAll(async () => {
  ollama = await chatServer({ models: ['llama3.2:latest'] });
  openai = await chatServer({ models: ['gpt-4o'], key: 'key-of-openai' });
  anthropic = await messagesServer({ models: ['claude-sonnet-4-5-20250929'], key: 'key-of-anthropic' });
});
afterAll(async () => {
  await Promise.all([ollama, openai, anthropic].map((server) => server.close()));
  await cleanUp();
});

const toOllama = () => ({ OLLAMA_HOST: new URL(ollama.origin).host });
const toOpenAi = () => ({ OPENAI_API_KEY: 'key-of-openai', OPENAI_BASE_URL: `${openai.origin}/v1` });
const toAnthropic = () => ({ ANTHROPIC_API_KEY: 'key-of-anthropic', ANTHROPIC_BASE_URL: anthropic.origin });

const SERVERS = [
  { vendor: 'ollama', model: 'llama3.2', env: toOllama, server: () => ollama },
  { vendor: 'openai', model: 'gpt-4o', env: toOpenAi, server: () => openai },
  { vendor: 'anthropic', model: 'claude-sonnet-4-5', env: toAnthropic, server: () => anthropic },
] as const;

describe.each(SERVERS)('a server like $vendor, with nothing but its variables', ({ vendor, model, env, server }) => {
  const named = `${vendor}/${model}`;

  it('writes for -m in a process of its own', async () => {
    const { code, stdout, stderr } = await start(['generate', 'Are you ready?', '-m', named], { env: env() }).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${SAYING}\n`, stderr: '' });
    expect(server().bodies.at(-1)).toMatchObject({ model });
  });

  it('is verified', async () => {
    const { code, stdout } = await cli(['verify', '-m', named], { env: env() });
    expect({
      code,
      marks: stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':')[0]),
    }).toEqual({
      code: 0,
      marks: ['✓ configuration', '✓ reachable', '✓ key and quota', '✓ generation', '✓ statistics'],
    });
    expect(stdout).toContain(`provider ${vendor}, model ${model} (--model)`);
    expect(stdout).not.toContain('key-of-');
  });

  it('lists its models', async () => {
    const { stdout } = await cli(['models', '--provider', vendor, '--json'], { env: env() });
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ id: expect.stringContaining(model) })]);
  });

  it('takes its own ids with --provider', async () => {
    const args = ['generate', 'Ready?', '--json', '--provider', vendor, '-m', model];
    expect(JSON.parse((await cli(args, { env: env() })).stdout)).toMatchObject({
      text: SAYING,
      provider: vendor,
    });
  });
});

describe('the provider of a command', () => {
  it('is OpenRouter where it has a key, since a maker stands in its ids, and the other way is named', async () => {
    const emulator = await anEmulator();
    const env = { ...toOpenAi(), ...to(emulator) };
    const { stderr } = await cli(['generate', 'Ready?', '-m', 'openai/gpt-4o'], { env });
    expect(emulator.requests).toMatchObject([{ body: { model: 'openai/gpt-4o' } }]);
    expect(stderr).toBe(
      'scriptorium: asking openrouter, which has this id, too; --provider openai asks openai itself.\n',
    );
    const { stdout } = await cli(['generate', 'Ready?', '--provider', 'openai', '-m', 'gpt-4o'], { env });
    expect(stdout).toBe(`${SAYING}\n`);
  });

  it('is OpenRouter without a word where the maker has no key', async () => {
    const emulator = await anEmulator();
    const { stderr } = await cli(['generate', 'Ready?', '-m', 'openai/gpt-4o'], { env: to(emulator) });
    expect({ stderr, requests: emulator.requests }).toMatchObject({
      stderr: '',
      requests: [{ body: { model: 'openai/gpt-4o' } }],
    });
  });

  it("is a server's own by its name, beside OpenRouter's key", async () => {
    const emulator = await anEmulator();
    const args = ['generate', 'Ready?', '-m', 'ollama/llama3.2'];
    const { stdout } = await cli(args, { env: { ...toOllama(), ...to(emulator) } });
    expect({ stdout, requests: emulator.requests }).toEqual({ stdout: `${SAYING}\n`, requests: [] });
  });

  it('is the only one with a key, and is named', async () => {
    const { stdout, stderr } = await cli(['generate', 'Ready?', '-m', 'gpt-4o'], { env: toOpenAi() });
    expect({ stdout, stderr }).toEqual({
      stdout: `${SAYING}\n`,
      stderr: 'scriptorium: asking openai, whose key is the only one.\n',
    });
  });

  it('is the configured one, whose plugin is loaded by itself, as are those of the routes', async () => {
    const folder = aFolder({
      'scriptorium.config.json': {
        defaults: { provider: 'openai', model: 'gpt-4o' },
        routes: [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }],
      },
    });
    const env = { ...toOpenAi(), OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', SCRIPTORIUM_RETRY_MAX_ATTEMPTS: '1' };
    const { stdout } = await cli(['generate', 'Ready?', '--json'], { folder, env: { ...env, ...toAnthropic() } });
    expect(JSON.parse(stdout)).toMatchObject({ text: SAYING, provider: 'anthropic' });
  });

  it('serves commands of plugins, too', async () => {
    const folder = aFolder({
      'items.jsonl':
        '{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"Hi"}]}}\n',
    });
    const env = {
      ...toOpenAi(),
      SCRIPTORIUM_DEFAULTS_MODEL: 'gpt-4o',
      SCRIPTORIUM_PLUGINS_RUNS_JOURNAL: `sqlite:${join(folder, 'runs.db')}`,
    };
    const { code, stderr } = await cli(['batch', 'run', join(folder, 'items.jsonl'), '-o', join(folder, 'out.jsonl')], {
      folder,
      env,
    });
    expect({ code, stderr: stderr.includes('OPENROUTER') }).toEqual({ code: 0, stderr: false });
  });

  it.each([
    {
      what: 'no key at all',
      args: [],
      env: {},
      message: /There is no key of a provider[^]*OPENROUTER_API_KEY[^]*ANTHROPIC_API_KEY[^]*ollama\/[^]*--demo/,
    },
    {
      what: 'no key of the one that is named',
      args: ['-m', 'openai/gpt-4o'],
      env: {},
      message: /no key of openai[^]*OPENAI_API_KEY=[^]*OPENROUTER_API_KEY=/,
    },
    {
      what: 'keys of several and no choice',
      args: ['-m', 'x'],
      env: { OPENAI_API_KEY: 'a', GROQ_API_KEY: 'b' },
      message: /keys of openai and groq[^]*--provider openai/,
    },
    {
      what: 'a name that is no provider',
      args: ['--provider', 'opnai'],
      env: {},
      message: /There is no provider "opnai"; known: openrouter, anthropic, openai/,
    },
    { what: 'an address that is none', args: ['-m', 'ollama/x'], env: { OLLAMA_HOST: 'a b' }, message: /OLLAMA_HOST/ },
    { what: 'no model', args: ['--provider', 'ollama'], env: {}, message: /names no model.*--model/ },
  ])('is not guessed: $what', async ({ args, env, message }) => {
    const ending = await cli(['generate', 'Hm.', ...args], { env });
    expect(ending).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});

describe('a model that the catalogue does not list', () => {
  const FREE = { id: 'x/free:free', context_length: 2_000_000, pricing: { prompt: '0', completion: '0' } };
  const PAID = { id: 'x/paid', context_length: 64_000, pricing: { prompt: '0.1', completion: '0.1' } };
  const unlisted = { OPENROUTER_MODEL: 'qwen/qwen2.5-vl-72b-instruct:free' };

  it('is named by verify, with free ones that it lists, before it is tried', async () => {
    const emulator = await anEmulator({ catalogue: [FREE, PAID] });
    const { stdout } = await cli(['verify'], { env: { ...to(emulator), ...unlisted } });
    expect(stdout).toMatch(
      /^! model: The catalogue of openrouter does not list "qwen\/qwen2\.5-vl-72b-instruct:free"\. Free models that it lists: .*x\/free:free/m,
    );
    expect(stdout).not.toMatch(/^! model.*x\/paid/m);
  });

  it('is named where the vendor answers 404, as JSON too', async () => {
    const emulator = await anEmulator({ catalogue: [FREE, PAID] });
    const error = { status: 404 } as const;
    emulator.script(error, error);
    const env = { ...to(emulator), ...unlisted };
    const { stderr } = await cli(['generate', 'Hm.'], { env });
    expect(stderr).toMatch(/404.*does not list "qwen.*x\/free:free.*--model/);
    const { stdout } = await cli(['generate', '--json', 'Hm.'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'not-found', message: expect.stringMatching(/x\/free:free/) },
    });
  });
});
