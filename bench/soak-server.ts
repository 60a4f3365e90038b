// The emulator of the soak, in a thread of its own, so that client and server do not wait for each other.
import { parentPort, workerData } from 'node:worker_threads';
import { startEmulator } from '../dist/src/testing.js';
import { chances } from './chances.mjs';

const { seed } = workerData;
const chance = chances(seed);
const pick = (list) => list[Math.floor(chance() * list.length)];
const places = () => pick(['before-headers', 'after-headers', { afterDeltas: 1 + Math.floor(chance() * 20) }, 'after-finish']);
const inside = () => ({ afterDeltas: Math.floor(chance() * 20) });
const FAULTS = [
  () => ({ status: 503 }), () => ({ status: 500 }), () => ({ status: 529 }), () => ({ status: 401 }), () => ({ status: 400 }),
  () => ({ status: 429, headers: { 'retry-after-ms': '40' } }), () => ({ status: 429 }), () => ({ status: 502, body: '<html>bad gateway</html>' }),
  () => ({ html: true }), () => ({ reset: places() }), () => ({ fin: inside() }), () => ({ stall: places() }), () => ({ stall: inside(), keepAlive: true }),
  () => ({ truncate: inside() }), () => ({ truncate: inside(), done: true }), () => ({ garbage: inside() }), () => ({ errorChunk: inside() }), () => ({ errorChunk: inside(), errorIn: 'choice', withUsage: true }),
  () => ({ empty: true }), () => ({ delayMs: Math.floor(chance() * 100) }), () => ({ noUsage: true }),
];

const emulator = await startEmulator({ words: 60, seed, keepAliveMs: 20, fault: () => (chance() < 0.4 ? pick(FAULTS)() : undefined) });
parentPort.postMessage(emulator.url);
parentPort.on('message', () => {
  // Its log of requests would grow for ever.
  emulator.clear();
  parentPort.postMessage(emulator.openSockets());
});
