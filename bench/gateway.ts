// Many clients at one gateway, mixed: streams, whole answers, and some that leave. No error, and the memory stays flat.
// `npm run gateway -- --clients 1000 --seconds 60`
import { setTimeout as pause } from 'node:timers/promises';
import { askOnce } from './gateway/ask.js';
import type { Kind } from './gateway/ask.js';
import { startGatewayProcess } from './gateway/gateway-process.js';
import type { Measure } from './gateway/gateway-process.js';
import { exitBy } from './kit/checks.js';
import { readNumbers } from './kit/options.js';
import { quantile } from './kit/quantile.js';
import { startEmulatorProcess } from './kit/server-process.js';

const KINDS: readonly Kind[] = ['stream', 'stream', 'whole', 'whole', 'leave'];
const WORDS = 60;

const { clients, seconds, keys } = readNumbers({ clients: '1000', seconds: '60', keys: '1000' });
if (!(clients > 0 && seconds >= 4 && keys > 0))
  throw new Error('Usage: npm run gateway -- --clients 1000 --seconds 60 --keys 1000');

const vendor = await startEmulatorProcess({ words: WORDS });
const gateway = await startGatewayProcess({ vendor: vendor.url, keys });
const before = await gateway.measure();

const times: number[] = [];
const problems = new Map<string, number>();
let left = 0;
const endsAt = performance.now() + seconds * 1_000;

async function client(number: number): Promise<void> {
  for (let round = 0; performance.now() < endsAt; round += 1) {
    const kind = KINDS[(number + round) % KINDS.length] ?? 'whole';
    const begunAt = performance.now();
    const problem = await askOnce(gateway.url, { kind, key: gateway.keys[number % gateway.keys.length] ?? '' });
    if (problem !== undefined) problems.set(problem, (problems.get(problem) ?? 0) + 1);
    else if (kind === 'leave') left += 1;
    else times.push(performance.now() - begunAt);
  }
}

const samples: Measure[] = [];
async function watch(): Promise<void> {
  while (performance.now() < endsAt) {
    samples.push(await gateway.measure());
    await pause(1_000);
  }
}

await Promise.all([watch(), ...Array.from({ length: clients }, (_, number) => client(number))]);
const last = await gateway.measure();
gateway.stop();
vendor.stop();

const mean = (of: readonly Measure[]): number => of.reduce((sum, { heapMb }) => sum + heapMb, 0) / of.length;
// The first fifth is the start: connections are opened, and code is compiled.
const steady = samples.slice(Math.floor(samples.length / 5));
const half = Math.floor(steady.length / 2);
const growth = mean(steady.slice(half)) / mean(steady.slice(0, half));
const calls = times.length + left;
const at = (share: number): string => `${Math.round(quantile(times, share))} ms`;

console.log(`${clients} clients with ${keys} keys, ${seconds} s: ${calls} calls, of which ${left} left in mid-text`);
console.log(`time of an answer: p50 ${at(0.5)}, p99 ${at(0.99)}`);
console.log(`CPU of the gateway a call: ${((last.cpuMs - before.cpuMs) / calls).toFixed(2)} ms`);
console.log(
  `heap: ${mean(steady.slice(0, half)).toFixed(0)} MB in the first half, ${growth.toFixed(2)} × in the second`,
);
for (const [problem, count] of problems) console.log(`FAILED ${count} ×: ${problem}`);
exitBy([
  { what: 'no call fails', isRight: problems.size === 0 },
  { what: 'the memory stays flat', isRight: growth <= 1.1 },
]);
