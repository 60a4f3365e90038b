import type { IncomingMessage } from 'node:http';
import { tooLarge } from './errors.js';
import { ConnectionGone } from './exchange.js';
import type { IncomingRequest } from './incoming.js';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** A request of `node:http` as the protocol takes it. Its body is read from now on. */
export function requestOf(incoming: IncomingMessage): IncomingRequest {
  const body = readBody(incoming);
  body.catch(() => undefined);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value = '']) => [name, String(value)])),
    body,
  };
}

/** @throws RequestRefused (413) or ConnectionGone */
async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // A body that is too large is not read further, but the connection stays for the answer.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    throw new ConnectionGone();
  }
  if (bytes <= MAX_BODY_BYTES) return Buffer.concat(chunks).toString('utf8');
  incoming.resume();
  throw tooLarge(`The body is larger than ${MAX_BODY_BYTES} bytes`);
}
