import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** What a client does: reads a stream, asks for a whole answer, or leaves in the middle of a stream. */
export type Kind = 'stream' | 'whole' | 'leave';

const agent = new Agent({ keepAlive: true });

/** Asks once. Returns the problem if the answer is not as it should be. */
export function askOnce(
  url: string,
  { kind, key }: { readonly kind: Kind; readonly key: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = request(
      `${url}/v1/chat/completions`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` } },
      (answer) => read(answer, kind, (problem) => resolve(problem)),
    );
    sent.on('error', (error) => resolve(error.message));
    const messages = [{ role: 'user', content: 'Write a page.' }];
    sent.end(JSON.stringify({ model: 'scriptorium/exact', messages, stream: kind !== 'whole' }));
  });
}

function read(answer: IncomingMessage, kind: Kind, done: (problem?: string) => void): void {
  let text = '';
  answer.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (kind !== 'leave' || !text.includes('"content":"')) return;
    answer.destroy();
    done();
  });
  answer.on('error', (error) => done(error.message));
  answer.on('end', () => {
    if (answer.statusCode !== 200) done(`status ${answer.statusCode}: ${text.slice(0, 200)}`);
    else if (kind === 'whole') done(text.includes('"finish_reason":"stop"') ? undefined : 'an answer without an end');
    else done(text.endsWith('data: [DONE]\n\n') ? undefined : 'a stream without an end');
  });
}
