// The price of the gateway: CPU of a call and of a delta against the same pipeline as a library and a bare client, in turns;
// added latency; memory of open streams; how soon the vendor is left when a client leaves.
// `npm run bench:gateway -- --transport undici --pairs 7 --calls 300 --streams 10 --deltas 500 --open 1000 --leaves 50`
import { startGatewayProcess } from './gateway/gateway-process.js';
import { leavingTimes } from './gateway/leaving.js';
import { startLibraryProcess } from './gateway/library-process.js';
import { memoryOfStreams } from './gateway/open-streams.js';
import { deltasIn, timedCall } from './gateway/timed-call.js';
import type { Work } from './gateway/work.js';
import { readOptions } from './kit/options.js';
import { median, quantile } from './kit/quantile.js';
import { startEmulatorProcess } from './kit/server-process.js';

const { transport, ...texts } = readOptions({
  ...{ transport: 'undici', pairs: '7', calls: '300', streams: '10', deltas: '500' },
  ...{ open: '1000', leaves: '50', timed: '400' },
});
const numbers = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)]));
const { pairs = 0, calls = 0, streams = 0, deltas = 0, open = 0, leaves = 0, timed = 0 } = numbers;
if (!(pairs > 0 && calls > 0 && streams > 0 && deltas > 0))
  throw new Error('Usage: npm run bench:gateway -- --transport undici --pairs 7 --calls 300 --streams 10 --deltas 500');

const JSON_TOKENS = 30;
const vendor = await startEmulatorProcess({ words: deltas });
const gateway = await startGatewayProcess({ vendor: vendor.url, keys: 0, transport });
const library = await startLibraryProcess({ vendor: vendor.url, transport });
type Batch = Omit<Work, 'side'>;

/** Microseconds of the gateway's CPU for each unit of a batch. */
async function ofGateway({ kind, count, tokens }: Batch): Promise<number> {
  const before = await gateway.measure();
  let written = 0;
  for (let index = 0; index < count; index += 1)
    written += deltasIn((await timedCall(`${gateway.url}/v1`, { kind, tokens })).body);
  const after = await gateway.measure();
  return ((after.cpuMs - before.cpuMs) * 1_000) / (kind === 'json' ? count : written);
}

async function ofSide(side: Work['side'], batch: Batch): Promise<number> {
  const result = await library.make({ ...batch, side });
  return result.cpu / result.deltas;
}

async function compare(name: string, batch: Batch): Promise<void> {
  const costs: { readonly gateway: number; readonly library: number; readonly bare: number }[] = [];
  for (let pair = -2; pair < pairs; pair += 1) {
    const cost = {
      gateway: await ofGateway(batch),
      library: await ofSide('library', batch),
      bare: await ofSide('bare', batch),
    };
    if (pair >= 0) costs.push(cost);
  }
  const of = (side: keyof (typeof costs)[0]): string => `${median(costs.map((cost) => cost[side])).toFixed(1)} µs`;
  const ratios = costs.map((cost) => cost.gateway / cost.library);
  console.log(
    `${name}: gateway ${of('gateway')}, library ${of('library')}, bare ${of('bare')}; gateway ${median(ratios).toFixed(2)} × the library (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  );
}

/** Times of calls by so many clients at once, directly and through the gateway in turns. */
async function latency(kind: Work['kind'], clients: number): Promise<void> {
  const times = { direct: [] as number[], gateway: [] as number[] };
  const round = async (url: string, into: number[]): Promise<void> => {
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let call = 0; call < timed / 4 / clients; call += 1)
          into.push((await timedCall(url, { kind, tokens: JSON_TOKENS })).firstMs);
      }),
    );
  };
  for (let turn = 0; turn < 4; turn += 1) {
    await round(vendor.url, times.direct);
    await round(`${gateway.url}/v1`, times.gateway);
  }
  const at = (share: number): string => {
    const [direct, through] = [quantile(times.direct, share), quantile(times.gateway, share)];
    return `${(through - direct).toFixed(1)} ms (${direct.toFixed(1)} → ${through.toFixed(1)})`;
  };
  console.log(`  ${kind === 'json' ? 'JSON' : 'first token'}, ${clients} clients: p50 + ${at(0.5)}, p99 + ${at(0.99)}`);
}

console.log(`CPU over ${transport}, medians of ${pairs} turns:`);
await compare(`  JSON call of ${JSON_TOKENS} tokens`, { kind: 'json', count: calls, tokens: JSON_TOKENS });
await compare('  streamed delta', { kind: 'stream', count: streams, tokens: deltas });
if (timed > 0) {
  console.log('Added latency:');
  for (const clients of [1, 4, 16]) for (const kind of ['json', 'stream'] as const) await latency(kind, clients);
}
gateway.stop();
library.stop();
vendor.stop();
if (open > 0) {
  const { heapKb, rssKb } = await memoryOfStreams(open, transport);
  console.log(`${open} open streams: ${heapKb.toFixed(0)} KB of heap each, ${rssKb.toFixed(0)} KB of the process`);
}
if (leaves > 0)
  for (const kind of ['json', 'stream'] as const) {
    const times = await leavingTimes(leaves, { transport, kind });
    const when = kind === 'json' ? 'before its answer' : 'in mid-stream';
    console.log(
      `A client leaves ${when}: the vendor's connection is closed after p50 ${median(times).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms (budget: 50 ms)`,
    );
  }
