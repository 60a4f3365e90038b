import type { Step } from './script-server.js';
import { chunked, data, whole } from './wire.js';

/** Builders for what Anthropic's Messages API puts on the wire. */

type Json = Readonly<Record<string, unknown>>;

export const MESSAGE_USAGE = {
  input_tokens: 7,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 100,
  output_tokens: 5,
};
/** The same as the pipeline counts it. */
export const COUNTED = {
  inputTokens: 127,
  outputTokens: 5,
  cachedInputTokens: 100,
  cacheWriteTokens: 20,
  source: 'reported',
};
const HEAD = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-test-1' };

/** One event, with its name, which repeats its type. */
export function event(json: Json & { readonly type: string }): string {
  return `event: ${json.type}\n${data(json)}`;
}

export function messageStart(message: Json = {}): string {
  return event({
    type: 'message_start',
    message: {
      ...HEAD,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...MESSAGE_USAGE, output_tokens: 1 },
      ...message,
    },
  });
}

/** A block with its deltas, from its start to its stop. */
export function block(index: number, start: Json, ...deltas: readonly Json[]): string {
  return (
    event({ type: 'content_block_start', index, content_block: start }) +
    deltas.map((delta) => blockDelta(index, delta)).join('') +
    event({ type: 'content_block_stop', index })
  );
}

export function blockDelta(index: number, delta: Json): string {
  return event({ type: 'content_block_delta', index, delta });
}

export function textBlock(index: number, ...texts: readonly string[]): string {
  return block(index, { type: 'text', text: '' }, ...texts.map(textDelta));
}

export function textDelta(text: string): Json {
  return { type: 'text_delta', text };
}

export function thinkingBlock(index: number, signature: string, ...thoughts: readonly string[]): string {
  return block(
    index,
    { type: 'thinking', thinking: '', signature: '' },
    ...thoughts.map((thinking) => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature },
  );
}

export function toolBlock(
  index: number,
  { id, name }: { readonly id: string; readonly name: string },
  ...json: readonly string[]
): string {
  return block(
    index,
    { type: 'tool_use', id, name, input: {} },
    ...json.map((part) => ({ type: 'input_json_delta', partial_json: part })),
  );
}

export function messageDelta(
  stopReason: string | null = 'end_turn',
  usage: Json | null = MESSAGE_USAGE,
  delta: Json = {},
): string {
  return event({
    type: 'message_delta',
    delta: { stop_reason: stopReason, stop_sequence: null, ...delta },
    ...(usage !== null && { usage }),
  });
}

export const MESSAGE_STOP = event({ type: 'message_stop' });
export const PING = event({ type: 'ping' });

export function errorEvent(type: string, message: string): string {
  return event(errorBody(type, message));
}

export function errorBody(type: string, message: string, more: Json = {}): Json & { readonly type: 'error' } {
  return { type: 'error', error: { type, message, ...more }, request_id: 'req_1' };
}

/** A whole, good stream of these texts. */
export function messageStream(...texts: readonly string[]): string {
  return messageStart() + PING + textBlock(0, ...texts) + messageDelta() + MESSAGE_STOP;
}

/** A stream that ends after these texts, in the middle of a block. */
export function brokenStream(...texts: readonly string[]): string {
  return (
    messageStart() +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
    texts.map((text) => blockDelta(0, textDelta(text))).join('')
  );
}

/** A whole answer that was not streamed. */
export function wholeMessage(content: readonly Json[], message: Json = {}): Json {
  return { ...HEAD, content, stop_reason: 'end_turn', stop_sequence: null, usage: MESSAGE_USAGE, ...message };
}

/** Answers one request with this stream and keeps the connection. */
export function streams(body: string, headers: readonly string[] = []): readonly Step[] {
  return [
    { request: true },
    { write: chunked(body, ['content-type: text/event-stream; charset=utf-8', 'request-id: req_head', ...headers]) },
  ];
}

/** Answers one request with JSON. */
export function tells(json: unknown, status = '200 OK', headers: readonly string[] = []): readonly Step[] {
  return [
    { request: true },
    {
      write: whole(
        JSON.stringify(json),
        ['content-type: application/json', 'request-id: req_head', ...headers],
        status,
      ),
    },
  ];
}
