import type { WireError } from './errors.js';
import type { AnswerHeaders, Exchange } from './exchange.js';
import type { Reply } from './faults.js';
import { statusText } from './status-text.js';

/** The envelope that an error is answered in. */
export function envelope(error: WireError): { readonly error: WireError } {
  return { error };
}

/** Answers with a status and a body: an object as JSON, a string as it is, nothing as an error envelope for the status. */
export async function reply(
  exchange: Exchange,
  { status, body, isEndless }: Reply,
  headers: AnswerHeaders = {},
): Promise<void> {
  const content = body ?? envelope({ code: status, message: statusText(status) });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  exchange.open(status, {
    ...headers,
    'content-type': typeof content === 'string' ? typeOf(content) : 'application/json',
    ...(isEndless !== true && { 'content-length': Buffer.byteLength(text) }),
  });
  if (isEndless === true) {
    await exchange.write(text);
    await exchange.untilGone();
  }
  await exchange.end(text);
}

function typeOf(text: string): string {
  return text.trimStart().startsWith('<') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
}
