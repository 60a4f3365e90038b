// The emulator of the storm, in a thread of its own: random faults at random places, and answers to questions about its texts.
import { parentPort, workerData } from 'node:worker_threads';
import { startEmulator } from '../../src/testing.js';
import type { EmulatorOptions } from '../../src/testing.js';
import { pick, seededRandom } from '../kit/seeded-random.js';
import type { Answers, AskedBody, Envelope, ServerOptions } from './protocol.js';

type Fault = ReturnType<NonNullable<EmulatorOptions['fault']>>;

const { seed, rate, words } = workerData as ServerOptions;
const random = seededRandom(seed);
/** Anywhere in a text of so many words, and a little beyond its end. */
const anywhere = () => Math.floor(random() * words * 1.7);
const inside = () => ({ afterDeltas: anywhere() });
const place = () =>
  random() < 0.7 ? inside() : pick(random, ['before-headers', 'after-headers', 'after-finish'] as const);
const FAULTS: readonly (() => Fault)[] = [
  () => ({ status: pick(random, [408, 500, 502, 503, 504, 529]) }),
  () => ({ status: 429, headers: { 'retry-after-ms': '30' } }),
  () => ({ status: 502, body: '<html>bad gateway</html>' }),
  () => ({ reset: place() }),
  () => ({ reset: inside() }),
  () => ({ fin: place() }),
  () => ({ fin: inside() }),
  () => ({ stall: place() }),
  () => ({ stall: inside(), keepAlive: true }),
  () => ({ truncate: inside() }),
  () => ({ truncate: inside(), done: true }),
  () => ({ garbage: inside() }),
  () => ({ errorChunk: inside() }),
  () => ({ errorChunk: inside(), done: true }),
  () => ({ errorChunk: inside(), errorIn: 'choice', withUsage: true }),
  () => ({ empty: true }),
  () => ({ capTokens: 1 + anywhere() }),
  () => {
    // An unused draw: without it, each seed would bring other faults than before.
    anywhere();
    return { delayMs: 5 + Math.floor(random() * 40), noUsage: true };
  },
];

const fault = () => (random() < rate ? pick(random, FAULTS)() : undefined);
const emulator = await startEmulator({ words, seed, keepAliveMs: 50, tokensPerSecond: 3_000, fault });

const answers: Answers = {
  text: (request) => emulator.textFor(request),
  answersTo: (prompt) =>
    emulator.requests
      .filter(({ body }) => (body as AskedBody | undefined)?.messages?.[1]?.content === prompt)
      .map(({ text }) => text),
  log: () =>
    emulator.requests.map(({ body, usage, fault: met }) => ({
      messages: (body as AskedBody | undefined)?.messages?.length ?? 0,
      promptTokens: usage?.prompt_tokens,
      completionTokens: usage?.completion_tokens,
      isFaulted: met !== undefined,
    })),
};

parentPort?.postMessage(emulator.url);
parentPort?.on('message', ({ id, name, argument }: Envelope) => {
  const answer = answers[name] as (argument: unknown) => unknown;
  parentPort?.postMessage({ id, value: answer(argument) });
});
