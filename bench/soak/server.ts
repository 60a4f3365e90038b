// The emulator of the soak, in a thread of its own, so that client and server do not wait for each other.
import { parentPort, workerData } from 'node:worker_threads';
import { startEmulator } from '../../src/testing.js';
import type { EmulatorOptions } from '../../src/testing.js';
import { pick, seededRandom } from '../kit/seeded-random.js';

type Fault = ReturnType<NonNullable<EmulatorOptions['fault']>>;

const { seed } = workerData as { readonly seed: number };
const random = seededRandom(seed);
const place = () =>
  pick(random, [
    'before-headers',
    'after-headers',
    { afterDeltas: 1 + Math.floor(random() * 20) },
    'after-finish',
  ] as const);
const inside = () => ({ afterDeltas: Math.floor(random() * 20) });
const FAULTS: readonly (() => Fault)[] = [
  () => ({ status: 503 }),
  () => ({ status: 500 }),
  () => ({ status: 529 }),
  () => ({ status: 401 }),
  () => ({ status: 400 }),
  () => ({ status: 429, headers: { 'retry-after-ms': '40' } }),
  () => ({ status: 429 }),
  () => ({ status: 502, body: '<html>bad gateway</html>' }),
  () => ({ html: true }),
  () => ({ reset: place() }),
  () => ({ fin: inside() }),
  () => ({ stall: place() }),
  () => ({ stall: inside(), keepAlive: true }),
  () => ({ truncate: inside() }),
  () => ({ truncate: inside(), done: true }),
  () => ({ garbage: inside() }),
  () => ({ errorChunk: inside() }),
  () => ({ errorChunk: inside(), errorIn: 'choice', withUsage: true }),
  () => ({ empty: true }),
  () => ({ delayMs: Math.floor(random() * 100) }),
  () => ({ noUsage: true }),
];

const fault = () => (random() < 0.4 ? pick(random, FAULTS)() : undefined);
const emulator = await startEmulator({ words: 60, seed, keepAliveMs: 20, fault });
parentPort?.postMessage(emulator.url);
parentPort?.on('message', () => {
  // The log of requests would grow without end.
  emulator.clear();
  parentPort?.postMessage(emulator.openSockets());
});
