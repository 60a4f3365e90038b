import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './chat.js';
import { turnsOf } from './conversation.js';
import type { WireMessage } from './conversation.js';
import { faultSource } from './fault-source.js';
import type { Fault } from './faults.js';
import { DEFAULT_MODEL, MODELS, findModel } from './models.js';
import { settingsOf } from './options.js';
import type { EmulatorOptions } from './options.js';
import type { LoggedRequest } from './request-log.js';
import { BASE_PATH, route } from './routes.js';
import { createWriter } from './writer.js';

export type { AfterDeltas, Fault, FaultExtras, Misdeed, Place } from './faults.js';
export type { EmulatorOptions } from './options.js';
export type { LoggedRequest, Outcome } from './request-log.js';
export type { WireMessage } from './conversation.js';
export type { WireError } from './errors.js';
export type { WireUsage } from './usage.js';

/** Which text is asked for; the same fields as a chat request's. */
export interface TextRequest {
  readonly model?: string;
  readonly messages: readonly WireMessage[];
}

/** A server on 127.0.0.1 that speaks OpenRouter's protocol. Its texts come from Moby-Dick or an embedded n-gram model, not from an LLM. */
export interface Emulator {
  /** The base URL, `http://127.0.0.1:PORT/api/v1`. */
  readonly url: string;
  readonly port: number;
  /** Every request to `/chat/completions` in the order of arrival; its entries change while they are served. */
  readonly requests: readonly LoggedRequest[];
  /** Every other request in the order of arrival, as `GET /key`. */
  readonly lookUps: readonly string[];
  /**
   * The whole text that belongs to a request, whatever its token cap, and however much of it is in the messages already. A text of a
   * foreign hand comes with what the model adds to it. Throws for an unknown model.
   */
  textFor(request: TextRequest): string;
  /** Gives the well-formed requests to come one fault each, in this order, before the `fault` option is asked; undefined lets one pass. */
  script(...faults: readonly (Fault | undefined)[]): void;
  /** How many connections are open, idle ones included. */
  openSockets(): number;
  /** Forgets the log and the scripted faults. */
  clear(): void;
  /** Ends every connection at once; resolves when nothing is left open. May be called twice. */
  close(): Promise<void>;
}

/** Starts an emulator; it listens when the promise resolves, which rejects if the port is taken. The caller closes it. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = settingsOf(options);
  let closed: Promise<void> | undefined;
  const service: Service = {
    settings,
    faults: faultSource(settings.fault),
    write: createWriter(settings),
    log: [],
    lookUps: [],
    isClosing: () => closed !== undefined,
  };
  const running = new Set<Promise<void>>();
  const server = createServer((incoming, response) => {
    const served = route(incoming, response, service).finally(() => running.delete(served));
    running.add(served);
  });
  const sockets = trackSockets(server);
  const port = await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${port}${BASE_PATH}`,
    port,
    requests: service.log,
    lookUps: service.lookUps,
    textFor: ({ model = DEFAULT_MODEL, messages }) => service.write(knownModel(model), turnsOf(messages)).whole,
    script: service.faults.script,
    openSockets: () => sockets.size,
    clear: () => {
      service.log.length = 0;
      service.lookUps.length = 0;
      service.faults.clear();
    },
    close: () =>
      (closed ??= shutDown(server, sockets)
        .then(() => Promise.all(running))
        .then(() => delay(0))),
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

function knownModel(id: string) {
  const model = findModel(id);
  if (model === undefined) throw new Error(`No model "${id}"; known: ${MODELS.map((known) => known.id).join(', ')}`);
  return model;
}
