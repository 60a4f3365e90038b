// The emulator of the storm, in a thread of its own: random faults at random places, and an answer to what the text should be.
import { parentPort, workerData } from 'node:worker_threads';
import { startEmulator } from '../dist/src/testing.js';
import { chances } from './chances.mjs';

const { seed, rate, words } = workerData;
const chance = chances(seed);
const pick = (list) => list[Math.floor(chance() * list.length)];
/** Anywhere in a text of so many words, and a little beyond its end. */
const inside = () => ({ afterDeltas: Math.floor(chance() * words * 1.7) });
const place = () => (chance() < 0.7 ? inside() : pick(['before-headers', 'after-headers', 'after-finish']));
const FAULTS = [
  () => ({ status: pick([408, 500, 502, 503, 504, 529]) }), () => ({ status: 429, headers: { 'retry-after-ms': '30' } }), () => ({ status: 502, body: '<html>bad gateway</html>' }),
  () => ({ reset: place() }), () => ({ reset: inside() }), () => ({ fin: place() }), () => ({ fin: inside() }), () => ({ stall: place() }), () => ({ stall: inside(), keepAlive: true }),
  () => ({ truncate: inside() }), () => ({ truncate: inside(), done: true }), () => ({ garbage: inside() }),
  () => ({ errorChunk: inside() }), () => ({ errorChunk: inside(), done: true }), () => ({ errorChunk: inside(), errorIn: 'choice', withUsage: true }),
  () => ({ empty: true }), () => ({ capTokens: 1 + Math.floor(chance() * words * 1.7) }), () => ({ ...inside(), delayMs: 5 + Math.floor(chance() * 40), noUsage: true, afterDeltas: undefined }),
];

const emulator = await startEmulator({ words, seed, keepAliveMs: 50, tokensPerSecond: 3_000, fault: () => (chance() < rate ? pick(FAULTS)() : undefined) });
parentPort.postMessage(emulator.url);
parentPort.on('message', ({ id, text, answersTo, log }) => {
  if (text !== undefined) parentPort.postMessage({ id, value: emulator.textFor(text) });
  if (answersTo !== undefined) parentPort.postMessage({ id, value: emulator.requests.filter(({ body }) => body?.messages?.[1]?.content === answersTo).map((request) => request.text) });
  if (log !== undefined) parentPort.postMessage({ id, value: emulator.requests.map(({ body, usage, fault }) => ({ messages: body?.messages, usage, faulted: fault !== undefined })) });
});
