import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { messageStream } from '../support/anthropic-wire.js';

/** A vendor's server on 127.0.0.1. */
export interface VendorServer {
  /** Without a path. */
  readonly origin: string;
  /** `METHOD /path` of every request, in order. */
  readonly asked: readonly string[];
  /** The bodies of those that have one. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse, path: string) => unknown;

/** What it says to everything. */
export const SAYING = 'All is ready.';

/** Speaks chat completions, as OpenAI does (with a key), or Ollama (without). */
export function chatServer({ models, key }: { readonly models: readonly string[]; readonly key?: string }) {
  return vendorServer((request, response, path) => {
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
      return json(response, 401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error' } });
    if (path === '/v1/models') return json(response, 200, { object: 'list', data: models.map((id) => ({ id })) });
    if (path !== '/v1/chat/completions') return json(response, 404, { error: { message: 'no such page' } });
    const events = [
      { choices: [{ index: 0, delta: { role: 'assistant', content: SAYING }, finish_reason: null }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 4, completion_tokens: 5, total_tokens: 9 } },
    ];
    return response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end([...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
  });
}

/** Speaks Anthropic's Messages API. */
export function messagesServer({ models, key }: { readonly models: readonly string[]; readonly key: string }) {
  return vendorServer((request, response, path) => {
    if (request.headers['x-api-key'] !== key)
      return json(response, 401, {
        type: 'error',
        error: { type: 'authentication_error', message: 'invalid x-api-key' },
      });
    if (path === '/v1/models') return json(response, 200, { data: models.map((id) => ({ id })), has_more: false });
    return response.writeHead(200, { 'content-type': 'text/event-stream' }).end(messageStream(SAYING));
  });
}

async function vendorServer(answer: Answer): Promise<VendorServer> {
  const asked: string[] = [];
  const bodies: Readonly<Record<string, unknown>>[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const [path = ''] = (request.url ?? '').split('?');
      asked.push(`${request.method} ${path}`);
      if (body !== '') bodies.push(JSON.parse(body) as Readonly<Record<string, unknown>>);
      answer(request, response, path);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    bodies,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, status: number, body: object): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
