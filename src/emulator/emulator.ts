import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { nodeExchange } from './node-exchange.js';
import { requestOf } from './node-request.js';
import type { EmulatorOptions } from './options.js';
import { BASE_PATH } from './routes.js';
import { emulatedService } from './service.js';
import type { EmulatedVendor } from './service.js';
import { systemHost } from './system-host.js';

export type { Books } from './books.js';
export type { AfterDeltas, Fault, FaultExtras, Misdeed, Place } from './faults.js';
export type { VendorLimits } from './limits.js';
export type { EmulatorOptions, ServiceOptions } from './options.js';
export type { LoggedRequest, Outcome } from './request-log.js';
export type { EmulatedVendor, TextRequest } from './service.js';
export type { WireMessage } from './conversation.js';
export type { RefusalKind, WireError } from './errors.js';
export type { WireUsage } from './usage.js';

/** A server on 127.0.0.1 that speaks OpenRouter's protocol. Its texts come from Moby-Dick or an embedded n-gram model, not from an LLM. */
export interface Emulator extends EmulatedVendor {
  /** The base URL, `http://127.0.0.1:PORT/api/v1`. */
  readonly url: string;
  readonly port: number;
  /** How many connections are open, idle ones included. */
  openSockets(): number;
  /** Ends every connection at once; resolves when nothing is left open. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts an emulator; it listens when the promise resolves, which rejects if the port is taken. The caller closes it.
 * @throws RangeError for an option that makes no sense
 * @example
 *     const emulator = await startEmulator({ limits: { requestsPerMinute: 20 } });
 *     // ... generate with plugins.openrouter.baseUrl set to emulator.url
 *     console.log(emulator.books.accepted, emulator.books.costUsd);
 *     await emulator.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const service = emulatedService(options, systemHost);
  let closed: Promise<void> | undefined;
  const exchanges = { host: systemHost, isClosing: () => closed !== undefined };
  const running = new Set<Promise<void>>();
  const server = createServer((incoming, response) => {
    const exchange = nodeExchange(response, exchanges);
    const served = service.serve(requestOf(incoming), exchange).finally(() => running.delete(served));
    running.add(served);
  });
  const sockets = trackSockets(server);
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}${BASE_PATH}`,
    port,
    requests: service.requests,
    lookUps: service.lookUps,
    get books() {
      return service.books;
    },
    textFor: (request) => service.textFor(request),
    planted: (subject, section) => service.planted(subject, section),
    script: (...faults) => service.script(...faults),
    openSockets: () => sockets.size,
    clear: () => service.clear(),
    close: () =>
      (closed ??= shutDown(server, sockets)
        .then(() => Promise.all(running))
        .then(() => systemHost.pause(0))),
  };
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** No idle connection is closed by the server on its own: that a client meets only where a fault says so. */
function listen(server: Server, port: number): Promise<number> {
  server.keepAliveTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** The event loop frees the handles on its next round, which the caller waits for. */
function shutDown(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
