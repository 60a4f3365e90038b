import { Agent, request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { MODEL, PROMPT } from './work.js';

/** One call of a server, as its client sees it. */
export interface TimedCall {
  /** Milliseconds to the first word; of a JSON answer, to its end. */
  readonly firstMs: number;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true });

/** Asks the chat completions at an address, and reads the answer to its end. @throws Error for another status than 200 */
export function timedCall(
  url: string,
  { kind, tokens }: { readonly kind: 'json' | 'stream'; readonly tokens: number },
): Promise<TimedCall> {
  return new Promise((resolve, reject) => {
    const begunAt = performance.now();
    let firstAt: number | undefined;
    let body = '';
    const sent = post(url, { kind, tokens });
    sent.once('error', reject).once('response', (answer) => {
      answer.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
        if (kind === 'stream' && firstAt === undefined && /"content":"[^"]/.test(body)) firstAt = performance.now();
      });
      answer.once('error', reject).once('end', () => {
        if (answer.statusCode === 200) resolve({ firstMs: (firstAt ?? performance.now()) - begunAt, body });
        else reject(new Error(`status ${answer.statusCode}: ${body.slice(0, 200)}`));
      });
    });
  });
}

/** Sends a request for a chat completion. */
export function post(
  url: string,
  { kind, tokens }: { readonly kind: 'json' | 'stream'; readonly tokens: number },
): ClientRequest {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };
  const sent = request(`${url}/chat/completions`, { method: 'POST', agent, headers });
  const messages = [{ role: 'user', content: PROMPT }];
  sent.end(JSON.stringify({ model: MODEL, messages, max_tokens: tokens, stream: kind === 'stream' }));
  return sent;
}

/** The texts of the deltas, or of the whole answer. */
export function deltasIn(body: string): number {
  return body.match(/"content":"[^"]/g)?.length ?? 0;
}
