import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { createPipeline } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { createGateway } from 'scriptorium/plugins/gateway';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';

const MODEL = 'scriptorium/exact';
const PROMPT = 'Write the first chapter of the life of Ada Lovelace.';
const folder = (name: string): string => fileURLToPath(new URL(`${name}/`, import.meta.url));

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ words: 200, seed: 3, tokensPerSecond: 150 });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.clear());

async function run(name: string, program: readonly string[], job: object): Promise<unknown> {
  const [command = '', ...args] = program;
  const child = spawn(command, args, {
    cwd: folder(name),
    env: { PATH: process.env['PATH'], JOB: JSON.stringify(job), NO_PROXY: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  return JSON.parse(printed);
}

const textOf = (): string => emulator.textFor({ model: MODEL, messages: [{ role: 'user', content: PROMPT }] });
const chats = () => emulator.requests.filter(({ body }) => body !== undefined);

describe('the recipe for Temporal', () => {
  it('goes on in the second try from the details of the last heartbeat of the first', async () => {
    if (!existsSync(`${folder('temporal')}node_modules`))
      throw new Error('Install it first: npm ci --prefix test/clients/temporal');
    const job = { baseUrl: emulator.url, model: MODEL, prompt: PROMPT, cancelAfter: 200 };
    const { first, second } = (await run('temporal', [process.execPath, 'run.mjs'], job)) as {
      readonly first: { readonly code: string; readonly details: { readonly text: string } };
      readonly second: { readonly text: string };
    };
    expect({ code: first.code, isBeginning: textOf().startsWith(first.details.text) }).toEqual({
      code: 'aborted',
      isBeginning: true,
    });
    expect(first.details.text.length).toBeLessThan(textOf().length);
    expect(second.text).toBe(textOf());
    expect(chats()).toHaveLength(2);
    expect(chats()[1]?.text).toBe(textOf().slice(first.details.text.length));
  });
});

describe('the recipe for tasks of Celery', () => {
  let pipeline: Pipeline;
  let server: FastifyInstance;
  let baseUrl: string;

  beforeAll(async () => {
    pipeline = await createPipeline({
      environment: {},
      plugins: [openrouter({ apiKey: 'sk-or-v1-celery', baseUrl: emulator.url })],
      config: { logging: { level: 'silent' }, rateLimit: { minIntervalMs: 0 } },
    });
    server = fastify();
    await server.register(createGateway(pipeline, { policy: { reattachMs: 900_000 } }));
    baseUrl = await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(async () => {
    await server.close();
    await pipeline.dispose();
  });

  it('gives a task that is tried again the text that is under way, which is paid once', async () => {
    const job = { baseUrl, model: MODEL, prompt: PROMPT, patience: 0.5 };
    expect(await run('programs', ['python3', 'deliver_twice.py'], job)).toEqual({ first: 'gave up', text: textOf() });
    expect(chats()).toHaveLength(1);
  });
});
