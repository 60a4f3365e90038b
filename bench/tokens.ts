// What a token costs: the CPU of streams through the whole default chain and through a bare client, in turns, as ratios in one run.
// `npm run tokens -- --rounds 30 --streams 16 --deltas 1000`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createParser } from 'eventsource-parser';
import fetch from 'node-fetch';
import { Agent as Dispatcher, request } from 'undici';
import { createPipeline } from '../dist/src/index.js';
import { openrouter } from '../dist/plugins/openrouter/index.js';
import { undici } from '../dist/plugins/undici/index.js';

const OPTIONS = { rounds: '30', streams: '16', deltas: '1000' };
const { values } = parseArgs({ options: Object.fromEntries(Object.entries(OPTIONS).map(([name, preset]) => [name, { type: 'string', default: preset }])) });
const [rounds, streams, deltas] = Object.keys(OPTIONS).map((name) => Number(values[name]));
if (!(rounds > 0 && streams > 0 && deltas > 0)) throw new Error('Usage: npm run tokens -- --rounds 30 --streams 16 --deltas 1000');

// A server in a process of its own: events of some 330 bytes as OpenRouter sends them, eight a write.
if (process.send !== undefined) {
  const chunk = (delta, further = {}) => ({
    id: 'gen-1767225600-aBcDeFgHiJkLmNoPqRsT', provider: 'Scriptorium', model: 'vendor/model-name', object: 'chat.completion.chunk', created: 1_767_225_600,
    choices: [{ index: 0, delta: { role: 'assistant', content: delta }, finish_reason: null, native_finish_reason: null, logprobs: null, ...further }], system_fingerprint: 'fp_0123456789',
  });
  const event = (json) => `data: ${JSON.stringify(json)}\n\n`;
  const events = Array.from({ length: deltas }, (_, index) => event(chunk(` word${index % 97}`)));
  const writes = Array.from({ length: Math.ceil(deltas / 8) }, (_, index) => events.slice(index * 8, index * 8 + 8).join(''));
  const usage = { id: 'gen-1767225600-aBcDeFgHiJkLmNoPqRsT', choices: [], usage: { prompt_tokens: 10, completion_tokens: deltas, total_tokens: deltas + 10, cost: 0.001 } };
  const end = `${event(chunk('', { finish_reason: 'stop', native_finish_reason: 'stop' }))}${event(usage)}data: [DONE]\n\n`;
  const server = createServer((incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let next = 0;
    const write = () => {
      if (next === writes.length) return response.end(end);
      response.write(writes[next]);
      next += 1;
      return setImmediate(write);
    };
    incoming.resume().on('end', write);
  }).listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/api/v1`));
  await once(process, 'disconnect');
  process.exit();
}

const server = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
const [url] = await once(server, 'message');
const body = JSON.stringify({ model: 'vendor/model-name', stream: true, messages: [{ role: 'user', content: 'Begin.' }] });
const [agent, dispatcher] = [new Agent({ keepAlive: true }), new Dispatcher({ connections: streams })];

async function textOf(bytes) {
  let text = '';
  const parser = createParser({ onEvent: ({ data }) => { if (data !== '[DONE]') text += JSON.parse(data).choices[0]?.delta.content ?? ''; } });
  const decoder = new TextDecoder();
  for await (const piece of bytes) parser.feed(decoder.decode(piece, { stream: true }));
  return text;
}
const headers = { 'content-type': 'application/json' };
const bare = {
  'node-fetch': async () => textOf((await fetch(`${url}/chat/completions`, { method: 'POST', agent, body, headers })).body),
  undici: async () => textOf((await request(`${url}/chat/completions`, { method: 'POST', dispatcher, body, headers })).body),
};

const pipelines = [];
async function oursOver(transport) {
  const pipeline = await createPipeline({ environment: {}, plugins: [openrouter({ apiKey: 'k', baseUrl: url }), undici()], config: { transport, logging: { level: 'silent' }, defaults: { model: 'vendor/model-name' } } });
  pipelines.push(pipeline);
  return () => new Promise((resolve, reject) => {
    let text = '';
    pipeline.text({ prompt: 'Begin.' }).subscribe({ next: (delta) => { text += delta; }, error: reject, complete: () => resolve(text) });
  });
}
const clients = { 'bare node-fetch': bare['node-fetch'], 'ours over node-fetch': await oursOver('node-fetch'), 'bare undici': bare.undici, 'ours over undici': await oursOver('undici') };

const texts = await Promise.all(Object.values(clients).map((stream) => stream()));
if (new Set(texts).size !== 1 || texts[0].length === 0) throw new Error('The clients do not agree about the text.');

const names = Object.keys(clients);
const times = Object.fromEntries(names.map((name) => [name, []]));
for (let round = -3; round < rounds; round += 1) {
  for (let turn = 0; turn < names.length; turn += 1) {
    const name = names[(Math.abs(round) + turn) % names.length];
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: streams }, clients[name]));
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) times[name].push((user + system) / streams / deltas);
  }
}
const median = (list) => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)];
for (const transport of ['node-fetch', 'undici']) {
  const [theirs, ours] = [median(times[`bare ${transport}`]), median(times[`ours over ${transport}`])];
  console.log(`${transport.padEnd(10)}  bare ${theirs.toFixed(2)} µs of CPU a text delta, ours ${ours.toFixed(2)}; ratio ${(ours / theirs).toFixed(2)}`);
}
for (const pipeline of pipelines) await pipeline.dispose();
await dispatcher.close();
agent.destroy();
server.disconnect();
