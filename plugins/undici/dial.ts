import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { dialProxy, dialTunnel } from 'scriptorium/plugin';
import type { HttpProxy, OnDialled } from 'scriptorium/plugin';

/**
 * Opens a socket to an origin, without any limit of time, and calls `done` once it is connected and secure.
 * @param onSocket called at once with the socket, and again if TLS over a tunnel takes its place
 */
export type Dial = (onSocket: (socket: Socket) => void, done: OnDialled) => void;

/** A delay of TCP's own probes, as Node's agents set it. */
const TCP_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 };

/** Opens sockets to an origin, through a proxy if there is one. What a TLS server gave to resume its session with is used again. */
export function dialTo(origin: string, proxy?: HttpProxy): Dial {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol !== 'https:')
    return (onSocket, done) => {
      onSocket(
        proxy === undefined
          ? settled(connect({ ...TCP_OPTIONS, host, port: Number(port || 80) }), 'connect', done)
          : dialProxy(proxy, done),
      );
    };
  const secure = secureTo(host);
  const target = { host, port: Number(port || 443) };
  return (onSocket, done) => {
    if (proxy === undefined) {
      onSocket(settled(secure({ ...TCP_OPTIONS, ...target }), 'secureConnect', done));
      return;
    }
    const tunnel = dialTunnel(proxy, `${hostname}:${target.port}`, (error, socket) => {
      if (error !== null) done(error, null);
      else onSocket(settled(secure({ socket }), 'secureConnect', done));
    });
    onSocket(tunnel);
  };
}

type Way = { readonly socket: Socket } | { readonly host: string; readonly port: number };

/** Makes sockets of TLS to one host, each with the session of the last one that went well. */
function secureTo(host: string): (way: Way) => TLSSocket {
  let session: Buffer | undefined;
  return (way) => {
    const socket = connectSecurely({
      ...way,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 ? { servername: host } : { host }),
      ...(session !== undefined && { session }),
    });
    socket.on('session', (given) => {
      session = given;
    });
    socket.once('error', () => {
      session = undefined;
    });
    return socket;
  };
}

/** Calls back when the socket is connected, or has failed before. */
function settled<S extends Socket>(socket: S, connected: 'connect' | 'secureConnect', done: OnDialled): S {
  let isConnected = false;
  socket.once(connected, () => {
    isConnected = true;
    done(null, socket);
  });
  socket.on('error', (error) => {
    if (!isConnected) done(error, null);
  });
  return socket;
}
