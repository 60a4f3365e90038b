import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

/** An answer as a careful client of node:http sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether HTTP says that the body is complete. */
  readonly isComplete: boolean;
}

export interface AskOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a chat completion on a connection of its own, and reads the answer to its end. Rejects if no answer begins. */
export function ask(
  port: number,
  body: object | string,
  { path = '/v1/chat/completions', headers = {} }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path,
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (bytes: Buffer) => pieces.push(bytes));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces).toString(),
          isComplete: response.complete,
        }),
      );
    });
    sent.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** A chunk of a streamed answer. */
export interface Chunk {
  readonly id?: string;
  readonly model?: string;
  readonly error?: { readonly message: string; readonly code: unknown };
  readonly usage?: Readonly<Record<string, unknown>>;
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string; readonly reasoning?: string };
    readonly finish_reason: string | null;
  }[];
}

/** The chunks of a stream. Fails on a line that is neither a comment nor `data: {…}` nor the end. */
export function chunksOf(body: string): readonly Chunk[] {
  return body.split('\n\n').flatMap((line): readonly Chunk[] => {
    if (line === '' || line.startsWith(':') || line === 'data: [DONE]') return [];
    if (!/^data: \{.*\}$/.test(line)) throw new Error(`Not a line of a stream: ${line}`);
    return [JSON.parse(line.slice(6)) as Chunk];
  });
}

/** The text of a streamed answer. */
export function textOfChunks(chunks: readonly Chunk[]): string {
  return chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? '')).join('');
}

/** The text of a whole answer, and its reason to end. */
export function textOfAnswer(body: string): { readonly content: string; readonly finish_reason: string } {
  const { choices } = JSON.parse(body) as {
    choices: readonly [{ readonly message: { readonly content: string }; readonly finish_reason: string }];
  };
  return { content: choices[0].message.content, finish_reason: choices[0].finish_reason };
}
