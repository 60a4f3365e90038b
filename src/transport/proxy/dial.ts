import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { HttpProxy } from '../../core/http-proxy.js';
import { readConnectAnswer } from './connect-answer.js';
import type { ConnectAnswer } from './connect-answer.js';
import { closedEarly, refusedByProxy, unreachableProxy } from './failures.js';

/** Receives the connected socket, or the reason why there is none. It is called once. */
export type OnDialled = (...outcome: [error: Error, socket: null] | [error: null, socket: Socket]) => void;

/** A delay of TCP's own probes, as Node's agents set it. */
const TCP_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 };

/**
 * Connects to a proxy, for requests that it passes on (`GET http://host/path`). Without a time limit.
 * @returns the socket, which is not connected yet; destroying it gives up
 */
export function dialProxy(proxy: HttpProxy, done: OnDialled): Socket {
  const { socket, connected } = socketTo(proxy);
  const finish: OnDialled = (...outcome) => {
    socket.off('error', fail).off('close', close).off(connected, succeed);
    done(...outcome);
  };
  const fail = (error: Error): void => finish(unreachableProxy(proxy, error), null);
  const close = (): void => finish(closedEarly(proxy), null);
  const succeed = (): void => finish(null, socket);
  return socket.once('error', fail).once('close', close).once(connected, succeed);
}

/**
 * Connects to a server through a proxy, which is asked for a tunnel (`CONNECT`). All failures up to then say that nothing
 * was sent to the server. Without a time limit.
 * @param target `host:port`, an IPv6 address in brackets
 * @returns the socket to the proxy; destroying it gives up
 */
export function dialTunnel(proxy: HttpProxy, target: string, done: OnDialled): Socket {
  return dialProxy(proxy, (error, socket) => {
    if (error !== null) {
      done(error, null);
      return;
    }
    // A socket that fails without a listener would end the process.
    socket.on('error', () => undefined);
    readConnectAnswer(socket, (answer) => {
      const failure = failureIn(answer, proxy, target);
      if (failure === undefined) {
        done(null, socket);
        return;
      }
      socket.destroy();
      done(failure, null);
    });
    socket.write(connectRequest(proxy, target));
  });
}

function failureIn(answer: ConnectAnswer, proxy: HttpProxy, target: string): GenerationError | undefined {
  switch (answer.type) {
    case 'closed':
      return closedEarly(proxy);
    case 'error':
      return unreachableProxy(proxy, answer.error);
    case 'status':
      return answer.status < 300 ? undefined : refusedByProxy(proxy, target, answer.status);
  }
}

function socketTo({ url }: HttpProxy): { readonly socket: Socket; readonly connected: 'connect' | 'secureConnect' } {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol !== 'https:')
    return { socket: connect({ ...TCP_OPTIONS, host, port: Number(port || 80) }), connected: 'connect' };
  const names = { ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) };
  const socket = connectSecurely({ ...TCP_OPTIONS, ...names, host, port: Number(port || 443) });
  return { socket, connected: 'secureConnect' };
}

function connectRequest({ authorization }: HttpProxy, target: string): string {
  const headers = [
    `CONNECT ${target} HTTP/1.1`,
    `host: ${target}`,
    ...(authorization === undefined ? [] : [`proxy-authorization: ${authorization.reveal()}`]),
  ];
  return `${headers.join('\r\n')}\r\n\r\n`;
}
