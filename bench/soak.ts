// Many streams at once against random faults, some of them left: `npm run soak -- --minutes 10`. At the end everything
// must be back to where it was. Options: --minutes, --streams, --seed.
import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { exitBy } from './kit/checks.js';
import { readNumbers } from './kit/options.js';
import { seededRandom } from './kit/seeded-random.js';
import { countingClock } from './soak/counting-clock.js';
import { heapUsed } from './soak/heap.js';
import type { HeapReading } from './soak/heap.js';
import { handles, handlesLeft, settled } from './soak/leftovers.js';
import { soakedPipeline } from './soak/pipeline.js';
import { checksOf } from './soak/report.js';
import { startServer } from './soak/server-thread.js';
import { describeError, Traffic } from './soak/traffic.js';

const PROGRESS_EVERY_MS = 10_000;

const { minutes, streams, seed } = readNumbers({ minutes: '10', streams: '200', seed: '1' });
if (globalThis.gc === undefined || !(minutes > 0) || !(streams > 0)) {
  throw new Error('Usage: node --expose-gc dist/bench/soak.js --minutes 10 --streams 200 --seed 1');
}

const warnings: string[] = [];
const foreign: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
process.on('unhandledRejection', (error) => foreign.push(`unhandled rejection: ${describeError(error)}`));
process.on('uncaughtException', (error) => foreign.push(`uncaught: ${describeError(error)}`));

const handlesBefore = handles();
const server = await startServer(seed);
const clock = countingClock();
const pipeline = await soakedPipeline({ url: server.url, clock, random: seededRandom(seed + 1) });
const shared = new AbortController();
const traffic = new Traffic({ pipeline, random: seededRandom(seed), signal: shared.signal, foreign });

const startedAt = performance.now();
const warmAt = startedAt + Math.min(minutes * 60_000 * 0.4, 60_000);
const readings: HeapReading[] = [];
let printedAt = startedAt;
/** Reads the heap once the warm-up is over, and prints the progress now and then. */
async function read(): Promise<void> {
  const sockets = await server.openSockets();
  const now = performance.now();
  if (now > warmAt) readings.push({ at: (now - startedAt) / 60_000, mb: heapUsed() });
  if (now - printedAt < PROGRESS_EVERY_MS) return;
  printedAt = now;
  const seconds = Math.round((now - startedAt) / 1000);
  const mb = Math.round(readings.at(-1)?.mb ?? heapUsed());
  console.log(
    `${seconds} s: ${traffic.counts.generations} generations, ${sockets} sockets, ${clock.pending()} timers, ${mb} MB`,
  );
}

const clients = Array.from({ length: streams }, () => traffic.runUntil(startedAt + minutes * 60_000));
const reading = setInterval(() => void read(), 1_000);
await Promise.all(clients);
clearInterval(reading);

const stats = pipeline.stats();
const timers = await settled(() => clock.pending(), 1_500);
const listeners = getEventListeners(shared.signal, 'abort').length;
await pipeline.dispose();
const sockets = await settled(() => server.openSockets(), 500);
await server.stop();
await delay(100);
const left = handlesLeft(handlesBefore, handles());
const { counts } = traffic;
const checks = checksOf({
  minutes,
  streams,
  counts,
  stats,
  readings,
  timers,
  listeners,
  sockets,
  handles: left,
  warnings,
  foreign,
});
console.log(`\nseed ${seed}, ${streams} streams at once, ${minutes} min; failures: ${JSON.stringify(counts.failed)}`);
for (const { what, value = '', isRight } of checks) console.log(`${isRight ? 'ok    ' : 'FAILED'}  ${what}: ${value}`);
exitBy(checks);
