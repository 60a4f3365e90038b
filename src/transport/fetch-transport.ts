import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch from 'node-fetch';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { AbortError } from '../core/errors/classes.js';
import { noFinalAnswer } from '../core/errors/no-final-answer.js';
import type { Transport, WireResponse } from '../core/transport.js';
import { checkCoding } from './coding.js';
import { observeSockets } from './observed-agent.js';
import type { SocketObserver } from './observed-agent.js';

/**
 * The default transport: node-fetch over its own agents, which keep connections alive. Redirects are never followed,
 * because node-fetch would send the key along. Answers are requested uncompressed, so that they arrive as they are
 * written.
 */
export function fetchTransport(): Transport {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
    'https:': new HttpsAgent({ keepAlive: true, scheduling: 'lifo' }),
  };
  return {
    open: async (request, signal, monitor) => {
      // node-fetch would emit an error on the request's body, which has no listener, and so end the process.
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
        if (response.status < 200) {
          readable(response.body);
          sockets.closeSocket();
          throw noFinalAnswer(response.status);
        }
        monitor.onHeaders(response.status);
        if (response.ok) checkCoding(response.headers.get('content-encoding'));
        return { status: response.status, headers: response.headers, body: readable(response.body) };
      } catch (error) {
        throw failureFrom(error, sockets, signal);
      }
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

function failureFrom(error: unknown, sockets: SocketObserver, signal: AbortSignal): GenerationError {
  const interim = sockets.interimStatus();
  if (interim !== undefined && !GenerationError.is(error) && !signal.aborted) return noFinalAnswer(interim, error);
  return toGenerationError(error, sockets.wasStale() ? { neverSent: true } : {});
}

/** node-fetch emits `error` on the body of an aborted request, which would end the process without a listener. */
function readable(body: NodeJS.ReadableStream | null): WireResponse['body'] {
  if (body === null)
    return (async function* nothing() {
      /* an answer without a body */
    })();
  body.on('error', () => undefined);
  return body as AsyncIterable<Uint8Array>;
}
