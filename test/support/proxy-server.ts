import { createServer, request as sendOn } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SelfSigned } from './certificate.js';

/** A real HTTP proxy on this machine, which passes plain requests on and tunnels encrypted ones. */
export interface ProxyServer {
  readonly port: number;
  /** `METHOD target`, in the order of their arrival. */
  readonly requests: readonly string[];
  /** The values of `Proxy-Authorization`. */
  readonly authorizations: readonly (string | undefined)[];
  openSockets(): number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** The credentials that it wants. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Makes it an HTTPS server: the way to the proxy is encrypted, too. */
  readonly certificate?: SelfSigned;
  /** Answers a `CONNECT` in the proxy's place. */
  readonly onConnect?: (socket: Duplex) => void;
}

export async function startProxy({ credentials, certificate, onConnect }: ProxyOptions = {}): Promise<ProxyServer> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const sockets = new Set<Duplex>();
  const remember = (socket: Duplex): void => {
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('end', () => socket.end())
      .on('close', () => sockets.delete(socket));
  };
  const isWelcome = ({ method, url, headers }: IncomingMessage): boolean => {
    requests.push(`${method} ${url}`);
    authorizations.push(headers['proxy-authorization']);
    if (credentials === undefined) return true;
    const wanted = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
    return headers['proxy-authorization'] === `Basic ${wanted}`;
  };
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (isWelcome(incoming)) passOn(incoming, response);
    else response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end('no');
  };
  const server = certificate === undefined ? createServer(answer) : createSecureServer(certificate, answer);
  server.on('connection', (socket: Socket) => remember(socket.unref()));
  server.on('connect', (incoming, client) => {
    const isAllowed = isWelcome(incoming);
    if (onConnect !== undefined) onConnect(client.resume());
    else if (!isAllowed) client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    else tunnel(client, Number(new URL(`http://${incoming.url}`).port), remember);
  });
  await new Promise<void>((resolve) => server.unref().listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    authorizations,
    openSockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function passOn(incoming: IncomingMessage, response: ServerResponse): void {
  const { hostname, port, pathname, search } = new URL(incoming.url ?? '');
  const { 'proxy-authorization': _, ...headers } = incoming.headers;
  const onward = sendOn(
    { hostname, port, path: pathname + search, method: incoming.method, headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

function tunnel(client: Duplex, port: number, remember: (socket: Duplex) => void): void {
  const server = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.pipe(client).pipe(server);
  });
  remember(server.unref());
  server.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  server.on('close', () => client.destroy());
  client.on('close', () => server.destroy());
}
