import type { PresetName } from 'scriptorium/plugins/openai-compatible';

/** The servers of the table: the presets, OpenRouter, Anthropic, and those that are reached by the preset `generic`. */
export type ServerName = PresetName | 'openrouter' | 'anthropic';

/** What comes out of an answer. What is not named is empty. */
export interface Outcome {
  readonly text?: string;
  readonly thought?: string;
  /** The unified finish reason, and the vendor's word. */
  readonly finish?: readonly [string, string | null];
  readonly calls?: readonly { readonly name: string; readonly arguments: string }[];
  readonly usage?: object;
  readonly details?: readonly unknown[];
  readonly annotations?: readonly unknown[];
  readonly images?: readonly string[];
  /** Some of what the metadata of the result has. */
  readonly metadata?: object;
  /** The code of the error, if it is not whole. */
  readonly failure?: string;
}

/** One answer of a server, in a shape that its documentation shows, and what must come out of it. */
export interface Fixture {
  readonly server: ServerName;
  /** Whose answer it is, where the preset is not its name. */
  readonly vendor?: string;
  /** What the server says differently from others, as the table has it. */
  readonly title: string;
  /** What becomes of it, as the table has it. */
  readonly comesOut: string;
  /** The configuration of the plugin. */
  readonly config?: object;
  readonly body: string;
  readonly contentType: string;
  readonly outcome: Outcome;
}

type Head = Pick<Fixture, 'server' | 'vendor' | 'title' | 'comesOut' | 'config' | 'outcome'>;

/** A stream of chunks, with the terminator that nearly all servers send. */
export function stream(head: Head, ...chunks: readonly object[]): Fixture {
  return { ...head, contentType: 'text/event-stream', body: `${chunks.map(data).join('')}data: [DONE]\n\n` };
}

/** A whole JSON answer. */
export function answer(head: Head, body: object): Fixture {
  return { ...head, contentType: 'application/json', body: JSON.stringify(body) };
}

/** The events of Anthropic's protocol. */
export function messages(
  head: Omit<Head, 'server'>,
  ...events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[]
): Fixture {
  const body = events.map((event) => `event: ${event.type}\n${data(event)}`).join('');
  return { ...head, server: 'anthropic', contentType: 'text/event-stream', body };
}

/** A chunk with one choice. */
export function piece(delta: object, choice: object = {}, chunk: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'a-model',
    choices: [{ index: 0, delta, finish_reason: null, ...choice }],
    ...chunk,
  };
}

/** The chunk that ends an answer. */
export function finish(finish_reason: string, chunk: object = {}): object {
  return piece({}, { finish_reason }, chunk);
}

/** A chunk that has usage and no choice. */
export function usageChunk(usage: object): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'a-model',
    choices: [],
    usage,
  };
}

/** A whole answer with one choice. */
export function whole(message: object, choice: object = {}, body: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'a-model',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...choice }],
    ...body,
  };
}

function data(json: object): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}
