import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from './eventually.js';

/** One step of what the server does with a connection. */
export type Step =
  | { readonly write: string | Uint8Array }
  /** Writes one byte at a time, or as many as `size` says, with `pauseMs` between them. */
  | { readonly slices: string | Uint8Array; readonly size?: number; readonly pauseMs?: number }
  /** Writes the same again and again until the client leaves. */
  | { readonly flood: string | Uint8Array }
  | { readonly wait: number }
  /** Waits until this holds. */
  | { readonly when: () => boolean }
  /** Waits until the client has sent its whole request (head and body). */
  | { readonly request: true }
  /** Waits until the first bytes of a request have arrived. */
  | { readonly someBytes: true }
  | { readonly fin: true }
  | { readonly rst: true }
  /** Does nothing more until the client leaves. */
  | { readonly stall: true };

/** A TCP server that plays one script a request. Real sockets on 127.0.0.1. */
export interface ScriptServer {
  readonly url: string;
  readonly port: number;
  /** Raw text of every request that arrived whole. */
  readonly requests: readonly string[];
  /** `performance.now()` of every request's arrival and of every connection's close. */
  readonly arrivals: readonly number[];
  readonly closes: readonly number[];
  readonly connections: number;
  /** Bytes of floods that the machine's network has taken. */
  readonly sentBytes: number;
  openSockets(): number;
  close(): Promise<void>;
}

/** @param scripts played in order, one a request; the last one is repeated */
export async function scriptServer(...scripts: readonly (readonly Step[])[]): Promise<ScriptServer> {
  const requests: string[] = [];
  const arrivals: number[] = [];
  const closes: number[] = [];
  const sockets = new Set<Socket>();
  let [connections, played, sentBytes] = [0, 0, 0];

  const nextScript = (): readonly Step[] => scripts[Math.min(played, scripts.length - 1)] ?? [];
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      closes.push(performance.now());
    });
    const nextRequest = requestReader(socket);
    const isGone = (): boolean => socket.destroyed;
    const count = (bytes: number): void => {
      sentBytes += bytes;
    };
    const serve = async (): Promise<void> => {
      while (!isGone()) {
        const waitsForRequest = nextScript().some((step) => 'request' in step);
        if (waitsForRequest) {
          const text = await nextRequest();
          if (text === undefined) return;
          arrivals.push(performance.now());
          requests.push(text);
        }
        // Only now: of several connections the next script is for the one whose request comes first.
        const script = nextScript();
        played += 1;
        for (const step of script) {
          if (isGone()) return;
          if (!('request' in step)) await play(socket, step, count);
        }
        if (!waitsForRequest || script.some((step) => 'fin' in step || 'rst' in step)) return;
      }
    };
    void serve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    port,
    requests,
    arrivals,
    closes,
    get connections() {
      return connections;
    },
    get sentBytes() {
      return sentBytes;
    },
    openSockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function play(
  socket: Socket,
  step: Exclude<Step, { request: true }>,
  count: (bytes: number) => void,
): Promise<void> {
  if ('write' in step) await send(socket, Buffer.from(step.write as string));
  else if ('slices' in step) {
    const bytes = Buffer.from(step.slices as string);
    const { size = 1, pauseMs } = step;
    for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
      await send(socket, bytes.subarray(at, at + size));
      await new Promise((resolve) => (pauseMs === undefined ? setImmediate(resolve) : setTimeout(resolve, pauseMs)));
    }
  } else if ('flood' in step) {
    const bytes = Buffer.from(step.flood as string);
    while (!socket.destroyed) {
      await send(socket, bytes);
      count(bytes.length);
    }
  } else if ('wait' in step) await new Promise((resolve) => setTimeout(resolve, step.wait));
  else if ('when' in step) await eventually(() => socket.destroyed || step.when());
  else if ('someBytes' in step) await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
  else if ('fin' in step) socket.end();
  else if ('rst' in step) socket.resetAndDestroy();
  else await new Promise((resolve) => socket.once('close', resolve));
}

function send(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => void socket.write(bytes, () => resolve()));
}

/** Splits what arrives into requests by their Content-Length. */
function requestReader(socket: Socket): () => Promise<string | undefined> {
  let received = Buffer.alloc(0);
  let wake = (): void => undefined;
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    wake();
  });
  socket.on('close', () => wake());
  const take = (): string | undefined => {
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const length = Number(/content-length: *(\d+)/i.exec(received.subarray(0, headEnd).toString())?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (received.length < end) return undefined;
    const text = received.subarray(0, end).toString();
    received = received.subarray(end);
    return text;
  };
  return async () => {
    for (let text = take(); ; text = take()) {
      if (text !== undefined || socket.destroyed) return text;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
