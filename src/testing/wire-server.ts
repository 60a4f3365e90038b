import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Handles a request that has arrived whole. */
export type Play = (socket: Socket) => unknown;

/** A TCP server on this machine that answers as it is told to. Does not keep the process alive. */
export interface WireServer {
  readonly port: number;
  readonly url: string;
  readonly connections: number;
  /** Each request's head and body as they came. */
  readonly requests: readonly { readonly head: string; readonly body: string }[];
  openSockets(): number;
  close(): Promise<void>;
}

/** @param plays one a request in the order of their arrival; the last one is repeated */
export async function startWireServer(...plays: readonly Play[]): Promise<WireServer> {
  const requests: { head: string; body: string }[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket
      .unref()
      .setNoDelay(true)
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
    onRequests(socket, (request) => {
      const play = plays[Math.min(requests.length, plays.length - 1)];
      requests.push(request);
      void play?.(socket);
    });
  }).unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    openSockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Answers with a body whose length is told, and keeps the connection. */
export function answer(body: string, { status = '200 OK', headers = [] as readonly string[] } = {}): Play {
  return (socket) =>
    socket.write(
      [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n'),
    );
}

/** Begins an answer in chunks. */
export const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n';

export function chunkOf(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export const LAST_CHUNK = '0\r\n\r\n';

/** Splits what arrives into requests by their Content-Length. */
function onRequests(socket: Socket, take: (request: { head: string; body: string }) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
      const head = received.subarray(0, end).toString();
      const bodyEnd = end + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < bodyEnd) return;
      const body = received.subarray(end + 4, bodyEnd).toString();
      received = received.subarray(bodyEnd);
      take({ head, body });
    }
  });
}
