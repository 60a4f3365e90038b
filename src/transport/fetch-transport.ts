import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch from 'node-fetch';
import { toGenerationError } from '../core/errors/classify.js';
import { AbortError } from '../core/errors/kin.js';
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
        return { status: response.status, headers: response.headers, body: readable(response.body) };
      } catch (error) {
        throw toGenerationError(error, sockets.wasStale() ? { neverSent: true } : {});
      }
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

/** node-fetch emits `error` on the body when a request is aborted, which would end the process if nobody listened. */
function readable(body: NodeJS.ReadableStream | null): WireResponse['body'] {
  if (body === null) return (async function* nothing() { /* an answer without a body */ })();
  body.on('error', () => undefined);
  return body as AsyncIterable<Uint8Array>;
}
