// What statistics cost: the CPU of the same streams with three sinks and without, in turns, as ratios in one run; and how many
// stats a second the three take. What is done once (opening files, loading packages) is not counted.
// `npm run sinks -- --rounds 100 --streams 10 --words 1500`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createPipeline } from '../dist/src/index.js';
import { systemClock } from '../dist/src/core/clock.js';
import { StatHub } from '../dist/src/stats/stat-hub.js';
import { sinkOf, startEmulator } from '../dist/src/testing.js';
import { jsonl } from '../dist/plugins/jsonl/index.js';
import { ledger } from '../dist/plugins/ledger/index.js';
import { openrouter } from '../dist/plugins/openrouter/index.js';
import { prometheus } from '../dist/plugins/prometheus/index.js';

const OPTIONS = { rounds: '100', streams: '10', words: '1500', stats: '200000' };
const { values } = parseArgs({ options: Object.fromEntries(Object.entries(OPTIONS).map(([name, preset]) => [name, { type: 'string', default: preset }])) });
const [rounds, streams, words, statCount] = Object.keys(OPTIONS).map((name) => Number(values[name]));
if (!(rounds > 0 && streams > 0 && words > 0 && statCount > 0)) throw new Error('Usage: npm run sinks -- --rounds 100 --streams 10 --words 1500 --stats 200000');

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
const sinks = (name) => [jsonl({ file: join(folder, `${name}.jsonl`) }), ledger({ file: join(folder, `${name}.db`) }), prometheus({ listen: false })];
const pipelineWith = (plugins) => createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: url }), ...plugins], config: { logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact' } } });
const quantile = (list, share) => list.toSorted((one, other) => one - other)[Math.floor(list.length * share)];

/** Milliseconds of CPU a stream, what the sinks write meanwhile included. */
async function cpuOf(pipeline, count = streams) {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1) await pipeline.generate({ prompt: `Chapter ${index}.`, labels: { chapter: String(index % 20) } });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / count;
}

// Twice without: how far those two lie apart is the noise of this run.
const pipelines = { without: await pipelineWith([]), again: await pipelineWith([]), withThree: await pipelineWith(sinks('streams')) };
const names = Object.keys(pipelines);
const times = Object.fromEntries(names.map((name) => [name, []]));
for (const name of names) await cpuOf(pipelines[name], 50);
for (let round = 0; round < rounds; round += 1) {
  for (let turn = 0; turn < names.length; turn += 1) {
    const name = names[(round + turn) % names.length];
    times[name].push(await cpuOf(pipelines[name]));
  }
}
for (const name of names) await pipelines[name].dispose();
const figures = Object.entries({ medians: 0.5, 'quickest tenths': 0.1 }).map(([what, share]) => {
  const [bare, again, withThree] = names.map((name) => quantile(times[name], share));
  return `by the ${what} ${bare.toFixed(2)} ms without sinks, ${withThree.toFixed(2)} ms with three, ratio ${(withThree / bare).toFixed(3)} (without, against the same again: ${(again / bare).toFixed(3)})`;
});
console.log(`CPU of a stream of ${words} words, ${rounds} rounds of ${streams}: ${figures.join('; ')}`);

const BURST = 2_000;
const three = await Promise.all(sinks('stats').map((plugin) => sinkOf(plugin)));
const silent = () => undefined;
const hub = new StatHub(three, { debug: silent, info: silent, warn: silent, error: silent }, systemClock);
const aStat = (index) => ({
  type: 'attempt-end', generationId: `g${index}`, labels: { book: 'ada' }, attempt: 1, provider: 'openrouter', model: 'a/model', outcome: 'success', sent: true,
  startedAt: Date.now(), latencyMs: 900, timeToFirstTokenMs: 300, usage: { inputTokens: 100, outputTokens: 200, source: 'reported', costUsd: 0.001 },
});
let recordingMs = 0;
const before = process.cpuUsage();
for (let index = 0; index < statCount; index += BURST) {
  const startedAt = performance.now();
  for (let more = 0; more < BURST; more += 1) hub.record(aStat(index + more));
  recordingMs += performance.now() - startedAt;
  await new Promise(setImmediate);
}
const { user, system } = process.cpuUsage(before);
const dropped = hub.counts.map(({ name, dropped: count }) => `${name} ${count}`).join(', ');
console.log(`${statCount} stats in bursts of ${BURST} into three sinks: ${(statCount / recordingMs).toFixed(0)} thousand a second, ${(recordingMs / statCount * 1e3).toFixed(2)} µs each, ${((user + system) / statCount).toFixed(2)} µs of CPU with what was written; beyond their queues dropped and counted: ${dropped}`);
for (const sink of three) await sink.close();
server.disconnect();
await rm(folder, { recursive: true });
