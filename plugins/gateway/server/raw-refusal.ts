import { STATUS_CODES } from 'node:http';
import type { GenerationError } from 'scriptorium';
import { chatFailure } from 'scriptorium/provider';

/** Writes a refusal for a connection without a request that Node could read. It closes the connection. @param now epoch milliseconds */
export function rawRefusal(error: GenerationError, now: number): string {
  const { status, body } = chatFailure(error, { dialect: 'openai', now });
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Bad Request'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    '',
    text,
  ].join('\r\n');
}
