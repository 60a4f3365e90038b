// What statistics cost: the CPU of the same streams with three sinks and without, in turns, as a ratio in one run; and how many
// stats a second the three take.
// `npm run sinks -- --rounds 6 --streams 40 --words 1500`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createPipeline } from '../dist/src/index.js';
import { sinkOf, startEmulator } from '../dist/src/testing.js';
import { jsonl } from '../dist/plugins/jsonl/index.js';
import { ledger } from '../dist/plugins/ledger/index.js';
import { openrouter } from '../dist/plugins/openrouter/index.js';
import { prometheus } from '../dist/plugins/prometheus/index.js';

const OPTIONS = { rounds: '6', streams: '40', words: '1500', stats: '300000' };
const { values } = parseArgs({ options: Object.fromEntries(Object.entries(OPTIONS).map(([name, preset]) => [name, { type: 'string', default: preset }])) });
const [rounds, streams, words, statCount] = Object.keys(OPTIONS).map((name) => Number(values[name]));
if (!(rounds > 0 && streams > 0 && words > 0 && statCount > 0)) throw new Error('Usage: npm run sinks -- --rounds 6 --streams 40 --words 1500 --stats 300000');

// In a process of its own, so that only the pipeline's CPU is counted.
if (process.send !== undefined) {
  const emulator = await startEmulator({ words });
  process.send(emulator.url);
  await once(process, 'disconnect');
  await emulator.close();
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), 'scriptorium-sinks-'));
const server = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
const [url] = await once(server, 'message');
let files = 0;
const sinks = () => [jsonl({ file: join(folder, `${files += 1}.jsonl`) }), ledger({ file: join(folder, `${files += 1}.db`) }), prometheus({ listen: false })];

async function cpuOf(plugins) {
  const pipeline = await createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: url }), ...plugins], config: { logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact' } } });
  const before = process.cpuUsage();
  for (let index = 0; index < streams; index += 1) await pipeline.generate({ prompt: `Chapter ${index}.`, labels: { chapter: String(index % 20) } });
  await pipeline.dispose();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / streams;
}

const median = (list) => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)];
await cpuOf([]);
await cpuOf(sinks());
const [bare, kept, ratios] = [[], [], []];
for (let round = 0; round < rounds; round += 1) {
  const isBareFirst = round % 2 === 0;
  const first = await cpuOf(isBareFirst ? [] : sinks());
  const second = await cpuOf(isBareFirst ? sinks() : []);
  const [without, withSinks] = isBareFirst ? [first, second] : [second, first];
  bare.push(without); kept.push(withSinks); ratios.push(withSinks / without);
}
console.log(`${streams} streams of ${words} words, ${rounds} rounds: ${median(bare).toFixed(2)} ms of CPU a stream without sinks, ${median(kept).toFixed(2)} ms with three; ratio ${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)})`);

const three = await Promise.all(sinks().map((plugin) => sinkOf(plugin)));
const stat = {
  type: 'attempt-end', generationId: 'g', labels: { book: 'ada' }, attempt: 1, provider: 'openrouter', model: 'a/model', outcome: 'success', sent: true,
  startedAt: Date.now(), latencyMs: 900, timeToFirstTokenMs: 300, usage: { inputTokens: 100, outputTokens: 200, source: 'reported', costUsd: 0.001 },
};
const startedAt = performance.now();
for (let index = 0; index < statCount; index += 1) for (const sink of three) sink.record(stat);
const seconds = (performance.now() - startedAt) / 1_000;
console.log(`${statCount} stats into three sinks: ${(statCount / seconds / 1_000).toFixed(0)} thousand a second, ${(seconds / statCount * 1e6).toFixed(2)} µs each; beyond their queues they are dropped, and counted`);
for (const sink of three) await sink.close();
server.disconnect();
await rm(folder, { recursive: true });
