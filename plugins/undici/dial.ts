import { connect, isIP } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { Dial } from './connection.js';

/** A delay of TCP's own probes, as Node's agents set it. */
const TCP_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 };

/** Opens sockets to an origin, without any limit of time. What a TLS server gave to resume its session with is used again. */
export function dialTo(origin: string): Dial {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol !== 'https:')
    return () => ({ socket: connect({ ...TCP_OPTIONS, host, port: Number(port || 80) }), connected: 'connect' });
  let session: Buffer | undefined;
  return () => {
    const socket = connectSecurely({
      ...TCP_OPTIONS,
      host,
      port: Number(port || 443),
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 && { servername: host }),
      ...(session !== undefined && { session }),
    });
    socket.on('session', (given) => {
      session = given;
    });
    socket.once('error', () => {
      session = undefined;
    });
    return { socket, connected: 'secureConnect' };
  };
}
