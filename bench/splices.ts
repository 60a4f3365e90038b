// Measures the silence at a splice: how long a reader waits while a broken stream is resumed, at 60 tokens/s.
// `npm run splices` prints it for each kind of model. (Twenty streams that break at once open the breaker, and wait for it.)
import { openrouter } from '../plugins/openrouter/index.js';
import type { EmulatorOptions, Emulator } from '../src/testing.js';
import { startEmulator } from '../src/testing.js';
import type { Pipeline, Prefill } from '../src/index.js';
import { createPipeline } from '../src/index.js';
import { readNumbers } from './kit/options.js';
import { quantile } from './kit/quantile.js';

interface Scene {
  readonly pipeline: Pipeline;
  readonly emulator: Emulator;
  readonly model: string;
}

const KINDS: readonly (readonly [kind: string, prefill: Prefill])[] = [
  ['exact', 'exact'],
  ['exact', 'instructed'],
  ['repeats-last-sentence', 'instructed'],
  ['chats-first', 'instructed'],
  ['starts-over', 'instructed'],
];
const { streams, pace } = readNumbers({ streams: '10', pace: '60' });

/** Resets the first request of each chapter after 120 tokens. */
const breakFirst: NonNullable<EmulatorOptions['fault']> = ({ body }) =>
  (body as { readonly messages: readonly unknown[] }).messages.length === 1
    ? { reset: { afterDeltas: 120 } }
    : undefined;

/** Milliseconds between the last token before the splice and the first one after it. @throws Error for a wrong text */
async function silence({ pipeline, emulator, model }: Scene, index: number): Promise<number | undefined> {
  const messages = [{ role: 'user' as const, content: `Write chapter ${index}.` }];
  const seen: { lastAt: number; gap?: number; text: string; isSpliced: boolean } = {
    lastAt: 0,
    text: '',
    isSpliced: false,
  };
  await pipeline.stream({ messages }).forEach((event) => {
    if (event.type === 'continuation') seen.isSpliced = true;
    if (event.type !== 'text-delta') return;
    if (seen.isSpliced) seen.gap ??= performance.now() - seen.lastAt;
    seen.lastAt = performance.now();
    seen.text += event.delta;
  });
  if (seen.text !== emulator.textFor({ model, messages })) throw new Error('A wrong text');
  return seen.gap;
}

/** Runs the streams of one kind of model at once and prints its line. */
async function measure(kind: string, prefill: Prefill): Promise<void> {
  const model = `scriptorium/${kind}`;
  const emulator = await startEmulator({ words: 120, tokensPerSecond: pace, fault: breakFirst });
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'splices', baseUrl: emulator.url, prefill: { [model]: prefill } })],
    config: { defaults: { model }, logging: { level: 'silent' } },
  });
  const scene = { pipeline, emulator, model };
  const found = await Promise.all(Array.from({ length: streams }, (_, index) => silence(scene, index)));
  const gaps = found.filter((gap) => gap !== undefined);
  const at = (share: number) => `${Math.round(quantile(gaps, share))} ms`.padStart(8);
  console.log(
    `  ${kind.padEnd(22)} ${prefill.padEnd(11)} median ${at(0.5)}  p90 ${at(0.9)}  longest ${at(1)}  (${gaps.length} splices)`,
  );
  await pipeline.dispose();
  await emulator.close();
}

console.log(
  `The silence at a splice after 120 tokens, ${pace} tokens/s, ${streams} streams at once each (${(1000 / pace).toFixed(0)} ms between two tokens):`,
);
for (const [kind, prefill] of KINDS) await measure(kind, prefill);
