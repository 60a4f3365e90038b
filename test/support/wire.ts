import type { Step } from './script-server.js';

/** Builders for what a vendor puts on the wire. */

/** A response whose body is chunk-encoded; ends properly. */
export function chunked(
  body: string,
  headers: readonly string[] = ['content-type: text/event-stream'],
  status = '200 OK',
): string {
  return `${head(status, ['transfer-encoding: chunked', ...headers])}${chunk(body)}${LAST_CHUNK}`;
}

/** A response with a length. */
export function whole(
  body: string,
  headers: readonly string[] = ['content-type: application/json'],
  status = '200 OK',
): string {
  return `${head(status, [`content-length: ${Buffer.byteLength(body)}`, ...headers])}${body}`;
}

export function head(status: string, headers: readonly string[]): string {
  return `HTTP/1.1 ${status}\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
}

export function chunk(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
}

export const LAST_CHUNK = '0\r\n\r\n';
export const SSE_HEAD = head('200 OK', ['content-type: text/event-stream', 'transfer-encoding: chunked']);
export const DONE = 'data: [DONE]\n\n';

/** One event of a stream. */
export function data(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

/** A chunk with text. */
export function delta(content: string): string {
  return data({
    id: 'gen-1',
    model: 'a/model',
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }],
  });
}

/** A chunk that ends the answer, with usage unless it is null. */
export function finish(reason = 'stop', usage: unknown = USAGE): string {
  return data({
    id: 'gen-1',
    model: 'a/model',
    choices: [{ index: 0, delta: { content: '' }, finish_reason: reason }],
    ...(usage !== null && { usage }),
  });
}

export const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, cost: 0.0003 };

/** A whole, good stream of these texts. */
export function goodStream(...texts: readonly string[]): string {
  return texts.map(delta).join('') + finish() + DONE;
}

/** Answers one request with a whole, good stream and keeps the connection. */
export function answers(...texts: readonly string[]): readonly Step[] {
  return [{ request: true }, { write: chunked(goodStream(...texts)) }];
}

/** Answers one request with an error's status and JSON body. */
export function refuses(
  status: string,
  body: unknown = { error: { message: 'no', code: Number(status.slice(0, 3)) } },
  headers: readonly string[] = [],
): readonly Step[] {
  return [
    { request: true },
    { write: whole(JSON.stringify(body), ['content-type: application/json', ...headers], status) },
  ];
}
