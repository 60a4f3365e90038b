// The same pipeline called as a library, or a bare client, in a process of its own. It answers each IPC message with the CPU of its calls.
import { once } from 'node:events';
import { request } from 'undici';
import { readStream, textOf } from '../kit/bare-client.js';
import { cpuOf } from '../kit/cpu.js';
import { serverOptions } from '../kit/server-process.js';
import { benchPipeline } from './bench-pipeline.js';
import type { BenchPipelineOptions } from './bench-pipeline.js';
import { MODEL, PROMPT } from './work.js';
import type { Work, WorkResult } from './work.js';

const settings = serverOptions() as BenchPipelineOptions;
const pipeline = await benchPipeline(settings);

/** @returns the number of text deltas */
async function bareCall({ kind, tokens }: Work): Promise<number> {
  const stream = kind === 'stream';
  const messages = [{ role: 'user', content: PROMPT }];
  const { body } = await request(`${settings.vendor}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages, max_tokens: tokens, stream }),
  });
  return stream ? (await readStream(body)).deltas : Math.min(1, textOf(await body.text()).length);
}

/** @returns the number of text deltas */
async function libraryCall({ kind, tokens }: Work): Promise<number> {
  const input = { prompt: PROMPT, maxTokens: tokens };
  if (kind === 'json') return Math.min(1, (await pipeline.generate(input)).text.length);
  let deltas = 0;
  for await (const event of pipeline.iterate(input)) if (event.type === 'text-delta') deltas += 1;
  return deltas;
}

async function work(given: Work): Promise<void> {
  const call = given.side === 'bare' ? bareCall : libraryCall;
  let deltas = 0;
  const cpu = await cpuOf(async () => {
    for (let index = 0; index < given.count; index += 1) deltas += await call(given);
  });
  const result: WorkResult = { cpu, deltas };
  process.send?.(result);
}

process.on('message', (given: Work) => void work(given));
process.send?.('ready');
await once(process, 'disconnect');
await pipeline.dispose();
process.exit();
