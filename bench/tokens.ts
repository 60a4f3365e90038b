// The cost of a token: the CPU of streams through the whole default chain and through a bare client, in turns, as ratios in one run.
// `npm run tokens -- --rounds 30 --streams 16 --deltas 1000`
import { cpuOf } from './kit/cpu.js';
import { readNumbers } from './kit/options.js';
import { median } from './kit/quantile.js';
import { startServerProcess } from './kit/server-process.js';
import { bareClients } from './tokens/bare-clients.js';
import { pipelineClient } from './tokens/pipeline-client.js';

const TRANSPORTS = ['node-fetch', 'undici'] as const;
const WARM_UP_ROUNDS = 3;

const { rounds, streams, deltas } = readNumbers({ rounds: '30', streams: '16', deltas: '1000' });
if (!(rounds > 0 && streams > 0 && deltas > 0)) {
  throw new Error('Usage: npm run tokens -- --rounds 30 --streams 16 --deltas 1000');
}

const server = await startServerProcess(new URL('./tokens/server.js', import.meta.url), { deltas });
const bare = bareClients(server.url, streams);
const pairs = await Promise.all(
  TRANSPORTS.map(async (transport) => {
    const ours = await pipelineClient(server.url, transport);
    return {
      transport,
      bare: { stream: bare[transport], times: [] as number[] },
      ours: { ...ours, times: [] as number[] },
    };
  }),
);
const clients = pairs.flatMap((pair) => [pair.bare, pair.ours]);

const texts = await Promise.all(clients.map(({ stream }) => stream()));
if (new Set(texts).size !== 1 || texts[0] === '') throw new Error('The clients do not agree about the text.');

for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
  const first = Math.abs(round) % clients.length;
  for (const { stream, times } of [...clients.slice(first), ...clients.slice(0, first)]) {
    const cpu = await cpuOf(() => Promise.all(Array.from({ length: streams }, () => stream())));
    if (round >= 0) times.push(cpu / streams / deltas);
  }
}
for (const pair of pairs) {
  const [theirs, ours] = [median(pair.bare.times), median(pair.ours.times)];
  const ratio = (ours / theirs).toFixed(2);
  console.log(
    `${pair.transport.padEnd(10)}  bare ${theirs.toFixed(2)} µs of CPU a text delta, ours ${ours.toFixed(2)}; ratio ${ratio}`,
  );
}
for (const { ours } of pairs) await ours.dispose();
await bare.close();
server.stop();
