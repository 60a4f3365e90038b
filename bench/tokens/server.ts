// Serves one stream over and over: events of some 330 bytes as OpenRouter sends them, eight a write.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverOptions } from '../kit/server-process.js';

const EVENTS_A_WRITE = 8;
const ID = 'gen-1767225600-aBcDeFgHiJkLmNoPqRsT';
const { deltas } = serverOptions() as { readonly deltas: number };

const event = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;

function chunk(content: string, end: { readonly finish_reason?: string; readonly native_finish_reason?: string } = {}) {
  const delta = { role: 'assistant', content };
  return {
    id: ID,
    provider: 'Scriptorium',
    model: 'vendor/model-name',
    object: 'chat.completion.chunk',
    created: 1_767_225_600,
    choices: [{ index: 0, delta, finish_reason: null, native_finish_reason: null, logprobs: null, ...end }],
    system_fingerprint: 'fp_0123456789',
  };
}

const events = Array.from({ length: deltas }, (_, index) => event(chunk(` word${index % 97}`)));
const writes = Array.from({ length: Math.ceil(deltas / EVENTS_A_WRITE) }, (_, index) =>
  events.slice(index * EVENTS_A_WRITE, (index + 1) * EVENTS_A_WRITE).join(''),
);
const usage = { prompt_tokens: 10, completion_tokens: deltas, total_tokens: deltas + 10, cost: 0.001 };
const end = [
  event(chunk('', { finish_reason: 'stop', native_finish_reason: 'stop' })),
  event({ id: ID, choices: [], usage }),
  'data: [DONE]\n\n',
].join('');

/** Sends the stream, one write a turn of the event loop. */
function send(response: ServerResponse, next = 0): void {
  if (next === writes.length) {
    response.end(end);
    return;
  }
  response.write(writes[next]);
  setImmediate(send, response, next + 1);
}

const server = createServer((incoming, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  incoming.resume().on('end', () => send(response));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`);
await once(process, 'disconnect');
process.exit();
