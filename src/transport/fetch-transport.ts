import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch from 'node-fetch';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { AbortError } from '../core/errors/classes.js';
import type { Transport, WireResponse } from '../core/transport.js';
import { observeSockets } from './observed-agent.js';

/**
 * The default transport: node-fetch over agents of its own that keep connections alive. Redirects are never followed
 * (node-fetch would send the key along), and answers are asked for uncompressed, so that they flow as they are written.
 */
export function fetchTransport(): Transport {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
    'https:': new HttpsAgent({ keepAlive: true, scheduling: 'lifo' }),
  };
  return {
    open: async (request, signal, monitor) => {
      // node-fetch would destroy the request's body while nobody listens to it, and so end the process.
      if (signal.aborted) throw new AbortError();
      const sockets = observeSockets(monitor);
      try {
        const response = await fetch(request.url, {
          method: request.method,
          headers: { 'accept-encoding': 'identity', ...request.headers },
          body: request.body ?? null,
          redirect: 'manual',
          signal,
          agent: ({ protocol }) => sockets.watch(protocol === 'https:' ? agents['https:'] : agents['http:']),
        });
        monitor.onHeaders(response.status);
        if (response.ok) checkCoding(response.headers.get('content-encoding'));
        return { status: response.status, headers: response.headers, body: readable(response.body) };
      } catch (error) {
        throw toGenerationError(error, sockets.wasStale() ? { neverSent: true } : {});
      }
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

/** What node-fetch undoes, by the names it knows. */
const KNOWN_CODINGS: ReadonlySet<string> = new Set(['identity', 'gzip', 'x-gzip', 'deflate', 'x-deflate', 'br']);

/** Answers are asked for uncompressed; one that comes otherwise coded must be in one layer, and one that is known. */
function checkCoding(coding: string | null): void {
  if (coding === null || coding === '' || KNOWN_CODINGS.has(coding)) return;
  throw new GenerationError(
    'protocol',
    `The answer is encoded as "${coding.slice(0, 100)}"; only ${[...KNOWN_CODINGS].join(', ')} can be read, and only one of them.`,
  );
}

/** node-fetch emits `error` on the body when a request is aborted, which would end the process if nobody listened. */
function readable(body: NodeJS.ReadableStream | null): WireResponse['body'] {
  if (body === null)
    return (async function* nothing() {
      /* an answer without a body */
    })();
  body.on('error', () => undefined);
  return body as AsyncIterable<Uint8Array>;
}
