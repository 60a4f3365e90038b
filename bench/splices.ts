// What a reader notices of a joint: for how long nothing comes while a broken stream is taken up again, at 60 tokens/s.
// `npm run joints` prints it for each kind of model. (Twenty streams that break at once open the breaker: then they wait for it.)
import { parseArgs } from 'node:util';
import { createPipeline } from '../dist/src/index.js';
import { openrouter } from '../dist/plugins/openrouter/index.js';
import { startEmulator } from '../dist/src/testing.js';

const { values } = parseArgs({ options: { streams: { type: 'string', default: '10' }, pace: { type: 'string', default: '60' } } });
const [streams, pace] = [Number(values.streams), Number(values.pace)];
const KINDS = [
  ['exact', 'exact'], ['exact', 'instructed'], ['repeats-last-sentence', 'instructed'], ['chats-first', 'instructed'], ['starts-over', 'instructed'],
];

/** The token before the joint came, and the token after it: how long that took. */
async function silence(pipeline, emulator, { model, index }) {
  const messages = [{ role: 'user', content: `Write chapter ${index}.` }];
  let [lastAt, gap, text] = [0, undefined, ''];
  let joint = false;
  await pipeline.stream({ messages }).forEach((event) => {
    if (event.type === 'continuation') joint = true;
    if (event.type !== 'text-delta') return;
    if (joint && gap === undefined) gap = performance.now() - lastAt;
    lastAt = performance.now();
    text += event.delta;
  });
  if (text !== emulator.textFor({ model, messages })) throw new Error('A wrong text');
  return gap;
}

console.log(`The silence at a joint after 120 tokens, ${pace} tokens/s, ${streams} streams at once each (${(1000 / pace).toFixed(0)} ms between two tokens):`);
for (const [kind, prefill] of KINDS) {
  const model = `scriptorium/${kind}`;
  const emulator = await startEmulator({ words: 120, tokensPerSecond: pace, fault: ({ body }) => (body.messages.length === 1 ? { reset: { afterDeltas: 120 } } : undefined) });
  const pipeline = await createPipeline({
    environment: {}, plugins: [openrouter({ apiKey: 'joints', baseUrl: emulator.url, prefill: { [model]: prefill } })],
    config: { defaults: { model }, logging: { level: 'silent' } },
  });
  const gaps = (await Promise.all(Array.from({ length: streams }, (_, index) => silence(pipeline, emulator, { model, index }))))
    .filter((gap) => gap !== undefined).sort((a, b) => a - b);
  const at = (share) => `${Math.round(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))])} ms`.padStart(8);
  console.log(`  ${kind.padEnd(22)} ${prefill.padEnd(11)} median ${at(0.5)}  p90 ${at(0.9)}  longest ${at(1)}  (${gaps.length} joints)`);
  await pipeline.dispose();
  await emulator.close();
}
