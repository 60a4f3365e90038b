// The CPU of a JSON call and of a text delta over SSE, through the whole default chain: this build against another one, or
// against a bare node-fetch, in turns. Each side and the emulator have a process of their own.
// `npm run bench:calls -- --against ../other-checkout --calls 1000 --streams 50 --deltas 1000 --pairs 7 --warmup 300`
import { fileURLToPath } from 'node:url';
import type { Batch } from './calls/protocol.js';
import { startSide } from './calls/side-process.js';
import type { Side } from './calls/side-process.js';
import { readOptions } from './kit/options.js';
import { median } from './kit/quantile.js';
import { startEmulatorProcess } from './kit/server-process.js';

const USAGE =
  'Usage: npm run bench:calls -- [--against DIR] --calls 1000 --streams 50 --deltas 1000 --pairs 7 --warmup 300';

interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

const { against, ...texts } = readOptions({
  against: '',
  calls: '1000',
  streams: '50',
  deltas: '1000',
  pairs: '7',
  warmup: '300',
});
const calls = Number(texts.calls);
const streams = Number(texts.streams);
const deltas = Number(texts.deltas);
const pairs = Number(texts.pairs);
const warmup = Number(texts.warmup);
if (!(calls > 0 && streams > 0 && deltas > 0 && pairs > 0 && warmup >= 0)) throw new Error(USAGE);

const rootOfThis = fileURLToPath(new URL('../..', import.meta.url));
const server = await startEmulatorProcess({ words: deltas });
const ours = startSide({ url: server.url, root: rootOfThis, deltas });
const theirs = startSide({ url: server.url, ...(against !== '' && { root: against }), deltas });

/** Runs a batch on one side. @returns microseconds of CPU for each of its units */
async function costOf(side: Side, batch: Batch): Promise<number> {
  const { cpu } = await side.make(batch);
  return cpu / batch.count / (batch.wire === 'sse' ? deltas : 1);
}

/** Warms both sides up and checks that they read the same text. */
async function warmUp(batch: Batch): Promise<void> {
  const [one, other] = [await ours.make(batch), await theirs.make(batch)];
  if (one.text !== other.text || one.text === '')
    throw new Error(`The sides do not agree about the text over ${batch.wire}.`);
}

async function compare(batch: Batch, warmups: number): Promise<readonly Pair[]> {
  await warmUp({ ...batch, count: Math.max(1, warmups) });
  const measured: Pair[] = [];
  for (let pair = 0; pair < pairs; pair += 1)
    measured.push({ ours: await costOf(ours, batch), theirs: await costOf(theirs, batch) });
  return measured;
}

function print(unit: string, measured: readonly Pair[]): void {
  const ratios = measured.map((pair) => pair.ours / pair.theirs);
  const [one, other] = [median(measured.map((pair) => pair.ours)), median(measured.map((pair) => pair.theirs))];
  const spread = `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
  console.log(
    `  ${unit.padEnd(10)}  this ${one.toFixed(2)} µs, other ${other.toFixed(2)} µs; ratio ${median(ratios).toFixed(3)} (${spread})`,
  );
}

console.log(`CPU against ${against === '' ? 'a bare node-fetch' : against}, medians of ${pairs} pairs:`);
print('JSON call', await compare({ wire: 'json', count: calls }, warmup));
print('text delta', await compare({ wire: 'sse', count: streams }, Math.ceil((warmup * streams) / calls)));
ours.stop();
theirs.stop();
server.stop();
