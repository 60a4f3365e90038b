import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** How a connection ended, as its client sees it. */
export type ConnectionEnd = 'fin' | 'reset';

/** A connection that shows every byte. */
export interface RawClient {
  readonly socket: Socket;
  /** All bytes so far, as text. */
  readonly received: string;
  send(text: string): void;
  /** Resolves with the end of the connection. */
  readonly ended: Promise<ConnectionEnd>;
  /** Resolves once the bytes hold this. Rejects if the connection ends before. */
  until(holds: (received: string) => boolean): Promise<string>;
}

/** Connects to a port of this machine. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  const pieces: Buffer[] = [];
  const received = (): string => Buffer.concat(pieces).toString();
  let wake = (): void => undefined;
  socket.on('data', (bytes: Buffer) => {
    pieces.push(bytes);
    wake();
  });
  let end: ConnectionEnd = 'fin';
  socket.on('error', () => (end = 'reset'));
  const ended = new Promise<ConnectionEnd>((resolve) => {
    socket.once('close', () => {
      wake();
      resolve(end);
    });
  });
  await once(socket, 'connect');
  return {
    socket,
    get received() {
      return received();
    },
    send: (request) => socket.write(request),
    ended,
    until: async (holds) => {
      while (!holds(received())) {
        if (socket.closed) throw new Error(`The connection ended with: ${received()}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return received();
    },
  };
}

/** The text of a request for a chat completion. */
export function aPost(
  body: object | string,
  { path = '/v1/chat/completions', headers = [] as readonly string[], version = '1.1' } = {},
): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/${version}`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    ...headers,
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}
