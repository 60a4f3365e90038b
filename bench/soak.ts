// Many streams at once against random faults, some of them left: `npm run soak -- --minutes 10`. At the end everything
// must be back to where it was. Options: --minutes, --streams, --seed.
import { getEventListeners, once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createPipeline, GenerationError } from '../dist/src/index.js';
import { openrouter } from '../dist/plugins/openrouter/index.js';
import { CLOCK, RANDOM } from '../dist/src/assembly/tokens.js';
import { systemClock } from '../dist/src/core/clock.js';
import { chances } from './chances.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, streams: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } } });
const [minutes, streams, seed] = [values.minutes, values.streams, values.seed].map(Number);
if (globalThis.gc === undefined || !(minutes > 0) || !(streams > 0)) throw new Error('Usage: node --expose-gc scripts/soak.mjs --minutes 10 --streams 200 --seed 1');

const CANCELLED = 0.2;
const PROGRESS_EVERY_MS = 10_000;
/** What the heap may differ from the first readings after the warm-up to the last. */
const MOST_GROWTH_MB = 8;
const MOST_SLOPE_MB_A_MINUTE = 2;

const chance = chances(seed);
const warnings = [];
process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`));
const foreign = [];
process.on('unhandledRejection', (error) => foreign.push(`unhandled rejection: ${error}`));
process.on('uncaughtException', (error) => foreign.push(`uncaught: ${error?.stack ?? error}`));

/** The machine's clock, with its timers counted. */
const timers = new Set();
const clock = {
  ...systemClock,
  setTimer: (ms, run) => {
    const key = {};
    timers.add(key);
    const cancel = systemClock.setTimer(ms, () => {
      timers.delete(key);
      run();
    });
    return () => {
      timers.delete(key);
      cancel();
    };
  },
};

function heapUsed() {
  globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
}

/** What keeps the process busy, by kind. */
function handles() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const handlesBefore = handles();
const server = new Worker(new URL('./soak-server.mjs', import.meta.url), { workerData: { seed } });
const [url] = await once(server, 'message');
/** How many connections the server has open. */
async function openSockets() {
  server.postMessage('sockets');
  return (await once(server, 'message'))[0];
}

const pipeline = await createPipeline({
  environment: {},
  plugins: [openrouter({ apiKey: 'soak', baseUrl: url })],
  register: (container) => container.register(CLOCK, { useValue: clock }).register(RANDOM, { useValue: chances(seed + 1) }),
  config: {
    logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact' },
    retry: { baseMs: 5, capMs: 40 }, retryBudget: { capacity: 1_000_000, refillPerSecond: 1_000_000 },
    timeouts: { connectMs: 2_000, headersMs: 1_500, firstTokenMs: 1_500, idleMs: 1_500, contentIdleMs: 1_500, attemptMs: 10_000 },
    breaker: { openMs: 50, longestOpenMs: 200 }, concurrency: { max: 180 }, rateLimit: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 },
  },
});

const counts = { generations: 0, succeeded: 0, cancelled: 0, failed: {} };
const listened = new AbortController();
/** One generation to its end, or left on the way, by unsubscribing, by its signal, or by leaving a loop. */
async function generate(index) {
  counts.generations += 1;
  const leavesAfter = chance() < CANCELLED ? Math.floor(chance() * 30) : Infinity;
  const way = index % 3;
  const controller = new AbortController();
  const input = { prompt: `Write number ${index % 50}.`, labels: { way: String(way) }, signal: way === 1 ? controller.signal : listened.signal, deadlineMs: 30_000 };
  let events = 0;
  try {
    if (way === 0) {
      for await (const event of pipeline.iterate(input)) if ((events += 1) > leavesAfter || event.type === 'never') break;
    } else {
      await new Promise((resolve, reject) => {
        const subscription = pipeline.stream(input).subscribe({
          next: () => {
            events += 1;
            if (events <= leavesAfter) return;
            if (way === 1) controller.abort();
            else queueMicrotask(() => {
              subscription.unsubscribe();
              resolve();
            });
          },
          error: reject, complete: resolve,
        });
      });
    }
    counts[events > leavesAfter ? 'cancelled' : 'succeeded'] += 1;
  } catch (error) {
    if (!GenerationError.is(error)) foreign.push(`no GenerationError: ${error?.stack ?? error}`);
    else if (error.code === 'aborted') counts.cancelled += 1;
    else counts.failed[error.code] = (counts.failed[error.code] ?? 0) + 1;
  }
}

const startedAt = performance.now();
const endsAt = startedAt + minutes * 60_000;
const warmAt = startedAt + Math.min(minutes * 60_000 * 0.4, 60_000);
const readings = [];
let index = 0;
async function client() {
  while (performance.now() < endsAt) await generate(index++);
}
const clients = Array.from({ length: streams }, client);
let toldAt = startedAt;
const reading = setInterval(async () => {
  const sockets = await openSockets();
  const now = performance.now();
  if (now > warmAt) readings.push({ at: (now - startedAt) / 60_000, mb: heapUsed() });
  if (now - toldAt < PROGRESS_EVERY_MS) return;
  toldAt = now;
  console.log(`${Math.round((now - startedAt) / 1000)} s: ${counts.generations} generations, ${sockets} sockets, ${timers.size} timers, ${Math.round(readings.at(-1)?.mb ?? heapUsed())} MB`);
}, 1_000);
await Promise.all(clients);
clearInterval(reading);

/** MB a minute: the slope of the line through the readings with the least squares. */
function slope(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(({ at }) => at)), mean(points.map(({ mb }) => mb))];
  return points.reduce((sum, { at, mb }) => sum + (at - x) * (mb - y), 0) / points.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
}

const stats = pipeline.stats();
const timersWhenIdle = await settled(() => timers.size, 1_500);
const listeners = getEventListeners(listened.signal, 'abort').length;
await pipeline.dispose();
const socketsLeft = await settled(openSockets, 500);
await server.terminate();
await new Promise((resolve) => setTimeout(resolve, 100));
const handlesAfter = handles();
const third = Math.max(1, Math.floor(readings.length / 3));
const middle = (points) => points.map(({ mb }) => mb).sort((a, b) => a - b)[Math.floor(points.length / 2)];
const growth = middle(readings.slice(-third)) - middle(readings.slice(0, third));
const slopeMb = slope(readings);

/** The number once it has come to 0, or what it is after so long. */
async function settled(number, withinMs) {
  for (const end = performance.now() + withinMs; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const left = await number();
    if (left === 0 || performance.now() > end) return left;
  }
}

const handleLeft = Object.entries(handlesAfter).filter(([kind, count]) => kind !== 'TickObject' && kind !== 'Immediate' && count > (handlesBefore[kind] ?? 0)).map(([kind, count]) => `${kind} ${count - (handlesBefore[kind] ?? 0)}`);
const failures = Object.values(counts.failed).reduce((sum, count) => sum + count, 0);
const checks = [
  ['generations', counts.generations, counts.generations > streams],
  ['cancelled, share', (counts.cancelled / counts.generations).toFixed(3), counts.cancelled / counts.generations > 0.1 && counts.cancelled / counts.generations < 0.3],
  ['succeeded', counts.succeeded, counts.succeeded > counts.generations * 0.3],
  ['counted: the sum of all ends', counts.succeeded + counts.cancelled + failures, counts.succeeded + counts.cancelled + failures === counts.generations && stats.requests === counts.generations],
  ['heap, growth after warm-up (MB)', growth.toFixed(2), growth < MOST_GROWTH_MB],
  ['heap, slope (MB a minute)', slopeMb.toFixed(2), minutes < 2 || slopeMb < MOST_SLOPE_MB_A_MINUTE],
  ['timers left', timersWhenIdle, timersWhenIdle === 0],
  ['listeners left on a shared signal', listeners, listeners === 0],
  ['sockets left', socketsLeft, socketsLeft === 0],
  ['handles left', handleLeft.join(', ') || 0, handleLeft.length === 0],
  ['warnings', warnings.join('; ') || 0, warnings.length === 0],
  ['errors that are no GenerationError', [...new Set(foreign)].slice(0, 3).join('; ') || 0, foreign.length === 0],
];
console.log(`\nseed ${seed}, ${streams} streams at once, ${minutes} min; failures: ${JSON.stringify(counts.failed)}`);
for (const [what, value, isRight] of checks) console.log(`${isRight ? 'ok    ' : 'FAILED'}  ${what}: ${value}`);
process.exitCode = checks.every(([, , isRight]) => isRight) ? 0 : 1;
