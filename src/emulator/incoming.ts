import type { IncomingMessage } from 'node:http';
import { invalidRequest, tooLarge, unauthorised } from './errors.js';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The parsed body of a request. @throws RequestRefused (400, 413) */
export async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge(`The body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw invalidRequest('The body is not valid JSON');
  }
}

/** @throws RequestRefused (401) for a request without a bearer token, or with another than the one expected. */
export function checkKey({ headers }: IncomingMessage, expected: string | undefined): void {
  const [, key] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (key === undefined) throw unauthorised('No auth credentials found');
  if (expected !== undefined && key !== expected) throw unauthorised('User not found.');
}
