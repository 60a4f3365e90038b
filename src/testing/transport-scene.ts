import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { GenerationError } from '../core/errors/generation-error.js';
import type { AttemptMonitor } from '../core/monitor.js';
import type { Transport, WireResponse } from '../core/transport.js';
import { startWireServer } from './wire-server.js';
import type { Play, WireServer } from './wire-server.js';

export interface OpenOptions {
  readonly signal?: AbortSignal;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One transport, the servers it talks to, and what can be seen of both. */
export interface TransportScene {
  readonly transport: Transport;
  /** The reports to the monitor, in order. */
  readonly heard: readonly string[];
  /** The sockets of Node's that were opened to a server, as far as Node tells of them. */
  readonly sockets: readonly Socket[];
  readonly serve: (...plays: readonly Play[]) => Promise<WireServer>;
  readonly open: (url: string, options?: OpenOptions) => Promise<WireResponse>;
  /** The error that `open` is to end with. @throws if it opens, or fails with anything but a `GenerationError` */
  readonly failureOf: (url: string, options?: OpenOptions) => Promise<GenerationError>;
}

/** Runs something with a new transport, and closes all there is afterwards. */
export async function withTransport(
  make: () => Transport | Promise<Transport>,
  run: (scene: TransportScene) => Promise<void>,
): Promise<void> {
  const transport = await make();
  const servers: WireServer[] = [];
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const monitor = monitorInto(heard);
  const remember = (message: unknown): void => void sockets.push((message as { readonly socket: Socket }).socket);
  const open: TransportScene['open'] = (
    url,
    { signal = new AbortController().signal, method = 'POST', headers = {}, body = '{}' } = {},
  ) => transport.open({ method, url, headers, ...(method === 'POST' && { body }) }, signal, monitor);
  subscribe('net.client.socket', remember);
  try {
    await run({
      transport,
      heard,
      sockets,
      open,
      serve: async (...plays) => {
        const server = await startWireServer(...plays);
        servers.push(server);
        return server;
      },
      failureOf: async (...where) =>
        generationErrorFrom(
          await open(...where).then(
            () => undefined,
            (error: unknown) => error,
          ),
        ),
    });
  } finally {
    unsubscribe('net.client.socket', remember);
    transport.close?.();
    await Promise.all(servers.map((server) => server.close()));
  }
}

/** The whole body as text. */
export async function textOf({ body }: WireResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Waits, two seconds at the most, for what the other side of a socket is about to see. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let left = 1_000; !holds(); left -= 1) {
    if (left === 0) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function generationErrorFrom(error: unknown): GenerationError {
  if (GenerationError.is(error)) return error;
  throw new Error(
    error === undefined ? 'It opened, and should have failed' : 'It failed with something that is no GenerationError',
    { cause: error },
  );
}

function monitorInto(heard: string[]): AttemptMonitor {
  return {
    onSocket: (reused) => heard.push(reused ? 'kept socket' : 'new socket'),
    onConnect: () => heard.push('connected'),
    onHeaders: (status) => heard.push(`headers ${status}`),
    onBytes: () => heard.push('bytes'),
    onContent: () => heard.push('content'),
  };
}
