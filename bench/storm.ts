// Chapters against random faults: every text must come out exact to the letter, or as an error with all that was paid for.
// `npm run storm -- --rate 0.4 --chapters 200 --seed 1 [--wire json] [--model starts-over] [--route embedded-ngram] [--by stream]`
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { collect, createPipeline, GenerationError } from '../dist/src/index.js';
import { openrouter } from '../dist/plugins/openrouter/index.js';
import { RANDOM } from '../dist/src/assembly/tokens.js';
import { tokensOf } from '../dist/src/emulator/tokens.js';
import { chances } from './chances.mjs';

const OPTIONS = {
  rate: '0.4', chapters: '200', seed: '1', words: '350', 'at-once': '16', 'max-attempts': '12', wire: 'sse', model: 'exact', route: '', by: 'generate',
};
const { values } = parseArgs({ options: Object.fromEntries(Object.entries(OPTIONS).map(([name, preset]) => [name, { type: 'string', default: preset }])) });
const [rate, chapters, seed, words, atOnce, maxAttempts] = ['rate', 'chapters', 'seed', 'words', 'at-once', 'max-attempts'].map((name) => Number(values[name]));
if (!(rate >= 0 && rate < 1 && chapters > 0 && Number.isInteger(seed))) throw new Error('Usage: npm run storm -- --rate 0.4 --chapters 200 --seed 1');

/** More of the paid tokens than this must not be lost in a stream of a model that goes on at the very character. */
const MOST_PAID_TWICE = 0.02;

const server = new Worker(new URL('./storm-server.mjs', import.meta.url), { workerData: { seed, rate, words } });
const [url] = await once(server, 'message');
const asked = new Map();
server.on('message', ({ id, value }) => asked.get(id)?.(value));
const ask = (question) => new Promise((resolve) => {
  const id = asked.size;
  asked.set(id, resolve);
  server.postMessage({ id, ...question });
});

const model = `scriptorium/${values.model}`;
const isExact = values.model === 'exact';
const goesOn = !['paraphrases-the-joint', 'diverges-after-15000'].includes(values.model);
const pipeline = await createPipeline({
  environment: {},
  plugins: [openrouter({ apiKey: 'storm', baseUrl: url, prefill: { 'scriptorium/exact': 'exact', 'scriptorium/embedded-ngram': 'exact' } })],
  register: (container) => container.register(RANDOM, { useValue: chances(seed + 1) }),
  config: {
    logging: { level: 'silent' }, defaults: { model, wire: values.wire }, continuity: { onLength: 'continue', maxSegments: 20 },
    routes: values.route === '' ? [] : [{ model: `scriptorium/${values.route}` }],
    retry: { maxAttempts, baseMs: 5, capMs: 200 }, retryBudget: { refillPerSecond: 500 }, limits: { maxRequests: 60 }, breaker: { openMs: 100, longestOpenMs: 400 },
    timeouts: { connectMs: 2_000, headersMs: 800, firstTokenMs: 800, idleMs: 800, contentIdleMs: 800, attemptMs: 20_000 },
  },
});

/** The text that the segments should have come to: each model's own words, joined where the last one ended. */
async function expectedText(messages, segments) {
  let text = '';
  for (const [index, { model: made, text: piece }] of segments.entries()) {
    const given = text.trimEnd();
    const whole = await ask({ text: { model: made, messages: given === '' ? messages : [...messages, { role: 'assistant', content: given }] } });
    const rest = whole.slice(given.length);
    const space = text.slice(given.length);
    let again = 0;
    while (again < space.length && rest[again] === space[again]) again += 1;
    text += index === segments.length - 1 ? rest.slice(again) : rest.slice(again, again + piece.length);
  }
  return text;
}

const counts = { exact: 0, cut: 0, wrong: 0, failed: {}, restarts: 0, segments: 0, foreign: 0, lostPartials: 0 };
let usefulTokens = 0;
async function write(chapter) {
  const messages = [{ role: 'system', content: 'You write biographies.' }, { role: 'user', content: `Write chapter ${chapter} of the life of Ada Lovelace.` }];
  const input = { messages, labels: { chapter: String(chapter % 20) } };
  try {
    const events = pipeline.stream(input);
    const result = values.by === 'stream'
      ? await new Promise((resolve, reject) => events.pipe(collect()).subscribe({ next: resolve, error: reject }))
      : await pipeline.generate(input);
    const expected = await expectedText(messages, result.segments);
    const kind = kindOf(result, expected, values.model === 'diverges-after-15000' ? await ask({ answersTo: messages[1].content }) : []);
    counts[kind] += 1;
    counts.segments += result.segments.length;
    if (result.segments.some((segment) => segment.model !== model)) counts.foreign += 1;
    usefulTokens += tokensOf(result.text).length;
    if (kind === 'wrong') console.log(`WRONG chapter ${chapter}: ${result.text.length} of ${expected.length} characters, ${result.finishReason.unified}; …${JSON.stringify(result.text.slice(-60))}`);
  } catch (error) {
    if (!GenerationError.is(error)) throw error;
    counts.failed[error.code] = (counts.failed[error.code] ?? 0) + 1;
    console.log(`failed chapter ${chapter}: ${error.code}: ${error.message} (${error.attempts.length} attempts, ${error.partial?.text.length ?? 0} characters)`);
    const whole = await ask({ text: { model, messages } });
    if (values.route === '' && !whole.startsWith(error.partial?.text ?? '')) counts.lostPartials += 1;
    usefulTokens += tokensOf(error.partial?.text ?? '').length;
  }
}

/**
 * `cut`: the beginning of the text, from a model that cannot go on at its token cap, and the result says so.
 * @param answers of a model that begins again and takes another way where nothing had been delivered yet: its text is then the
 *   whole of such an answer, to the letter
 */
function kindOf({ text, finishReason: { unified } }, expected, answers) {
  if ((text === expected || answers.includes(text)) && unified === 'stop') return 'exact';
  return unified === 'length' && expected.startsWith(text) ? 'cut' : 'wrong';
}

const startedAt = performance.now();
let next = 0;
await Promise.all(Array.from({ length: Math.min(atOnce, chapters) }, async () => {
  while (next < chapters) await write(next++);
}));
const seconds = (performance.now() - startedAt) / 1000;
const stats = pipeline.stats();
const log = await ask({ log: true });
await pipeline.dispose();
await server.terminate();

const sum = (pick) => log.reduce((total, request) => total + (pick(request) ?? 0), 0);
const completion = sum(({ usage }) => usage?.completion_tokens);
const prompt = sum(({ usage }) => usage?.prompt_tokens);
const firstPrompts = log.filter(({ messages }) => messages?.length === 2);
const oncePrompt = firstPrompts.length === 0 ? 0 : chapters * (firstPrompts.reduce((total, { usage }) => total + (usage?.prompt_tokens ?? 0), 0) / firstPrompts.filter(({ usage }) => usage).length);
const paidTwice = completion === 0 ? 0 : (completion - usefulTokens) / completion;
const failed = Object.values(counts.failed).reduce((total, count) => total + count, 0);
const percent = (share) => `${(share * 100).toFixed(2)} %`;

console.log(`storm: rate ${rate}, ${chapters} chapters, seed ${seed}, ${values.wire}, ${values.model}${values.route === '' ? '' : ` then ${values.route}`}, ${values.by}(), ${seconds.toFixed(1)} s`);
console.log(`  exact ${counts.exact}${goesOn ? '' : `  cut ${counts.cut}`}  wrong ${counts.wrong}  failed ${failed}${failed === 0 ? '' : ` ${JSON.stringify(counts.failed)}`}`);
console.log(`  ${(log.length / chapters).toFixed(2)} requests a chapter (${log.filter(({ faulted }) => faulted).length} of ${log.length} met a fault), ${(counts.segments / chapters).toFixed(2)} segments a chapter${values.route === '' ? '' : `, ${counts.foreign} chapters by two models`}`);
console.log(`  completion tokens paid twice: ${percent(paidTwice)} (${completion - usefulTokens} of ${completion}); input tokens paid again: ${Math.round(prompt - oncePrompt)} of ${prompt} (${percent(prompt === 0 ? 0 : (prompt - oncePrompt) / prompt)})`);

const checks = [
  ['no wrong text is called whole', counts.wrong === 0],
  ...(goesOn ? [['no text stayed cut', counts.cut === 0]] : []),
  ['every partial is the beginning of its text', counts.lostPartials === 0],
  ['every generation is counted', stats.requests === chapters && stats.successful === counts.exact + counts.cut + counts.wrong],
  ...(values.by === 'generate' ? [['no chapter failed', failed === 0]] : []),
  ...(isExact && values.wire === 'sse' ? [[`fewer than ${percent(MOST_PAID_TWICE)} of the tokens were paid twice`, paidTwice < MOST_PAID_TWICE]] : []),
];
for (const [what, isRight] of checks) if (!isRight) console.log(`FAILED: ${what}`);
process.exitCode = checks.every(([, isRight]) => isRight) ? 0 : 1;
