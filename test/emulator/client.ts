import { startEmulator } from '../../src/emulator/emulator.js';
import type { Emulator, EmulatorOptions } from '../../src/emulator/emulator.js';

/** A chunk or a whole answer, as far as the tests look into it. */
export interface Wire {
  readonly id?: string;
  readonly object?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly choices?: readonly {
    readonly delta?: Message;
    readonly message?: Message;
    readonly finish_reason: string | null;
    readonly native_finish_reason: string | null;
    readonly error?: { readonly code: number };
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
    readonly cost: number;
    readonly completion_tokens_details: { readonly reasoning_tokens: number };
  };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly metadata?: { readonly error_type?: string };
    readonly availability?: { readonly code: string };
  };
}

export interface Message {
  readonly role: string;
  readonly content: string;
  readonly reasoning?: string;
  readonly reasoning_details?: readonly {
    readonly type: string;
    readonly text?: string;
    readonly signature?: string;
  }[];
}

/** What a client has seen of a stream, and why it ended where it did not end well. */
export interface Seen {
  readonly raw: string;
  readonly chunks: readonly Wire[];
  readonly text: string;
  readonly isDone: boolean;
  readonly failure: unknown;
}

export const user = (content: string) => ({ role: 'user', content });
export const assistant = (content: string) => ({ role: 'assistant', content });

const opened: Emulator[] = [];

/** An emulator that `closeAll` closes. */
export async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  opened.push(emulator);
  return emulator;
}

/** For `afterAll` of each file. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((emulator) => emulator.close()));
}

export function post(emulator: Emulator, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${emulator.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-or-v1-test', 'content-type': 'application/json' },
    ...init,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function getJson(
  emulator: Emulator,
  path: string,
  headers: Record<string, string> = { authorization: 'Bearer sk-or-v1-test' },
): Promise<{ status: number; body: never }> {
  const response = await fetch(`${emulator.url}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as never };
}

export async function complete(emulator: Emulator, body: object): Promise<Wire> {
  return (await (await post(emulator, body)).json()) as Wire;
}

/** Reads a streamed answer to its end, whatever kind of end. */
export async function stream(emulator: Emulator, body: object, init: RequestInit = {}): Promise<Seen> {
  const response = await post(emulator, { ...body, stream: true }, init);
  let raw = '';
  let failure: unknown;
  try {
    const decoder = new TextDecoder();
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>)
      raw += decoder.decode(bytes, { stream: true });
  } catch (error) {
    failure = error;
  }
  return seen(raw, failure);
}

function seen(raw: string, failure: unknown): Seen {
  const data = raw
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6));
  const chunks = data.flatMap((json) => {
    try {
      return [JSON.parse(json) as Wire];
    } catch {
      return [];
    }
  });
  const text = chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('');
  return { raw, chunks, text, isDone: data.at(-1) === '[DONE]', failure };
}
