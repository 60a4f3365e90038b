import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { createPipeline, tokens } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { createGateway } from 'scriptorium/plugins/gateway';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { pick, seededRandom } from '../../bench/kit/seeded-random.js';

const PROGRAMS = fileURLToPath(new URL('programs/', import.meta.url));
const MODEL = 'scriptorium/exact';
const WORDS = 200;
const CHAPTERS = 12;

type Fault = ReturnType<NonNullable<EmulatorOptions['fault']>>;

/** Four requests in ten meet a fault, most of them within the text. */
function storm(seed: number): () => Fault {
  const random = seededRandom(seed);
  const inside = () => ({ afterDeltas: Math.floor(random() * WORDS * 1.7) });
  const faults: readonly (() => Fault)[] = [
    () => ({ status: pick(random, [500, 502, 503, 504, 529]) }),
    () => ({ status: 429, headers: { 'retry-after-ms': '30' } }),
    () => ({ status: 502, body: '<html>bad gateway</html>' }),
    () => ({ reset: inside() }),
    () => ({ fin: inside() }),
    () => ({ stall: inside() }),
    () => ({ truncate: inside(), done: true }),
    () => ({ garbage: inside() }),
    () => ({ errorChunk: inside(), done: true }),
    () => ({ empty: true }),
  ];
  return () => (random() < 0.4 ? pick(random, faults)() : undefined);
}

let emulator: Emulator;
let pipeline: Pipeline;
let server: FastifyInstance;
let baseUrl: string;

beforeAll(async () => {
  if (!existsSync(`${PROGRAMS}node_modules`))
    throw new Error('Install the clients first: npm ci --prefix test/clients/programs');
  emulator = await startEmulator({ words: WORDS, seed: 7, tokensPerSecond: 0, fault: storm(7) });
  pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'storm', baseUrl: emulator.url, prefill: { [MODEL]: 'exact' } })],
    register: (container) => container.register(tokens.RANDOM, { useValue: seededRandom(8) }),
    config: {
      logging: { level: 'silent' },
      continuity: { onLength: 'continue', maxSegments: 20 },
      retry: { maxAttempts: 12, baseMs: 5, capMs: 200, budget: { refillPerSecond: 500 } },
      breaker: { openMs: 100, longestOpenMs: 400 },
      rateLimit: { minIntervalMs: 0 },
      timeouts: { headersMs: 2_000, firstTokenMs: 2_000, idleMs: 2_000, contentIdleMs: 2_000 },
    },
  });
  server = fastify();
  await server.register(createGateway(pipeline));
  baseUrl = await server.listen({ port: 0, host: '127.0.0.1' });
});

afterAll(async () => {
  await server.close();
  await pipeline.dispose();
  await emulator.close();
});

interface Outcome {
  readonly prompt: string;
  readonly text?: string;
  readonly error?: string;
}

async function run(program: readonly string[], job: object): Promise<readonly Outcome[]> {
  const [command, ...args] = program;
  const child = spawn(command!, args, {
    cwd: PROGRAMS,
    env: { PATH: process.env['PATH'], JOB: JSON.stringify(job), NO_PROXY: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome);
}

const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  openai: [process.execPath, 'openai.mjs'],
  'ai with @ai-sdk/openai-compatible': [process.execPath, 'ai.mjs'],
  '@langchain/openai': [process.execPath, 'langchain.mjs'],
  '@openrouter/sdk': [process.execPath, 'openrouter-sdk.mjs'],
  curl: [process.execPath, 'curl.mjs'],
  "Python's requests, as BookGen uses it": ['python3', 'bookgen.py'],
};

describe.each(Object.keys(CLIENTS))('through a storm of faults, %s', (client) => {
  it.each([
    ['whole', false],
    ['streamed', true],
  ])('gets exact texts, %s', async (how, isStream) => {
    const prompts = Array.from({ length: CHAPTERS }, (_, index) => `Chapter ${index}, ${how}, for ${client}.`);
    const outcomes = await run(CLIENTS[client]!, { baseUrl, model: MODEL, isStream, prompts });
    const exact = prompts.map((prompt) => ({
      prompt,
      text: emulator.textFor({
        model: MODEL,
        messages: [
          { role: 'system', content: 'You write biographies.' },
          { role: 'user', content: prompt },
        ],
      }),
    }));
    expect([...outcomes].sort(byPrompt)).toEqual([...exact].sort(byPrompt));
  });
});

function byPrompt(a: Outcome, b: Outcome): number {
  return a.prompt < b.prompt ? -1 : 1;
}
