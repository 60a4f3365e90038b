import { Agent as HttpAgent } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch from 'node-fetch';
import type { Response } from 'node-fetch';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { AbortError } from '../core/errors/classes.js';
import { noFinalAnswer } from '../core/errors/no-final-answer.js';
import type { AttemptMonitor } from '../core/monitor.js';
import type { HttpProxy } from '../core/http-proxy.js';
import type { Transport, TransportOptions, WireRequest, WireResponse } from '../core/transport.js';
import { checkCoding } from './coding.js';
import { observeSockets } from './observed-agent.js';
import type { SocketObserver } from './observed-agent.js';
import { refusedByProxy } from './proxy/failures.js';
import { proxiedAgents } from './proxy/proxied-agents.js';

/**
 * The default transport: node-fetch over its own agents, which keep connections alive. Redirects are never followed,
 * because node-fetch would send the key along. Answers are requested uncompressed, so that they arrive as they are
 * written.
 */
export function fetchTransport({ proxyFor }: TransportOptions = {}): Transport {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
    'https:': new HttpsAgent({ keepAlive: true, scheduling: 'lifo' }),
  };
  const proxied = proxiedAgents();
  return {
    open: async (request, signal, monitor) => {
      // node-fetch would emit an error on the request's body, which has no listener, and so end the process.
      if (signal.aborted) throw new AbortError();
      const proxy = proxyFor?.(request.url);
      const sockets = observeSockets(monitor);
      const abort = (): void => sockets.closeSocket();
      // Node does not know of the socket to a proxy before there is a tunnel.
      if (proxy !== undefined) signal.addEventListener('abort', abort);
      try {
        const response = await send(request, signal, ({ protocol }) =>
          proxy === undefined
            ? sockets.watch(protocol === 'https:' ? agents['https:'] : agents['http:'])
            : sockets.watch(proxied.agentFor(proxy, protocol), addressedTo(proxy, request.url)),
        );
        if (proxy !== undefined && isRefusal(response.status, request.url)) {
          readable(response.body);
          sockets.closeSocket();
          throw refusedByProxy(proxy, new URL(request.url).host, response.status);
        }
        return answered(response, { sockets, monitor });
      } catch (error) {
        throw failureFrom(error, sockets, signal);
      } finally {
        if (proxy !== undefined) signal.removeEventListener('abort', abort);
      }
    },
    close: () => {
      Object.values(agents).forEach((agent) => agent.destroy());
      proxied.destroy();
    },
  };
}

function send(
  { url, method, headers, body }: WireRequest,
  signal: AbortSignal,
  agent: (url: URL) => HttpAgent,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { 'accept-encoding': 'identity', ...headers },
    body: body ?? null,
    redirect: 'manual',
    signal,
    agent,
  });
}

interface Observers {
  readonly sockets: SocketObserver;
  readonly monitor: AttemptMonitor;
}

function answered(response: Response, { sockets, monitor }: Observers): WireResponse {
  if (response.status < 200) {
    readable(response.body);
    sockets.closeSocket();
    throw noFinalAnswer(response.status);
  }
  monitor.onHeaders(response.status);
  if (response.ok) checkCoding(response.headers.get('content-encoding'));
  return { status: response.status, headers: response.headers, body: readable(response.body) };
}

/** A proxy passes a plain request on if it is sent with its whole URL. Encrypted ones go through a tunnel as they are. */
function addressedTo({ authorization }: HttpProxy, url: string): (request: ClientRequest) => void {
  return (request) => {
    if (request.protocol === 'https:') return;
    const { origin, pathname, search } = new URL(url);
    request.path = origin + pathname + search;
    if (authorization !== undefined) request.setHeader('proxy-authorization', authorization.reveal());
  };
}

/** Only proxies answer with 407; within a tunnel, it comes from the server. */
function isRefusal(status: number, url: string): boolean {
  return status === 407 && new URL(url).protocol === 'http:';
}

function failureFrom(error: unknown, sockets: SocketObserver, signal: AbortSignal): GenerationError {
  const interim = sockets.interimStatus();
  if (interim !== undefined && !GenerationError.is(error) && !signal.aborted) return noFinalAnswer(interim, error);
  const cause = signal.aborted ? error : (sockets.dialFailure() ?? error);
  return toGenerationError(cause, sockets.wasStale() ? { neverSent: true } : {});
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
