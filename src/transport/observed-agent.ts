import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AttemptMonitor } from '../core/monitor.js';
import { DIAL_OBSERVER } from './proxy/proxied-agents.js';
import type { DialObserver } from './proxy/proxied-agents.js';

/** Observes the socket of one request. */
export interface SocketObserver {
  /**
   * Wraps the shared agent for this request, so that its socket is observed.
   * @param adapt for an agent that connects through a proxy; called with the request before it is sent
   */
  watch(agent: Agent, adapt?: (request: ClientRequest) => void): Agent;
  /** The reason why no connection through a proxy was made, if that is known. */
  dialFailure(): Error | undefined;
  /** Whether the request used a socket that had served before, and that socket returned no bytes. */
  wasStale(): boolean;
  /** The status of the last interim answer (1xx), if there was one. */
  interimStatus(): number | undefined;
  /** Closes the socket, also if the agent keeps it for another request. */
  closeSocket(): void;
}

/** The method of an agent that Node's http client calls; missing in Node's types. */
interface RequestQueue {
  addRequest(request: ClientRequest, options: object, ...rest: unknown[]): void;
}

/** Reports a socket's assignment and connection to the monitor, which node-fetch does not expose. */
export function observeSockets(monitor: AttemptMonitor): SocketObserver {
  let reused = false;
  let bytesSinceSent = (): number => 0;
  let interim: number | undefined;
  let current: Socket | undefined;
  let dial: ObservedDial | undefined;

  const observe = (request: ClientRequest): void => {
    watchInterim(request, (status) => {
      interim = status;
    });
    request.once('socket', (socket: Socket) => {
      current = socket;
      reused = request.reusedSocket;
      const before = socket.bytesRead;
      bytesSinceSent = () => socket.bytesRead - before;
      socket.off('data', closeItself);
      // Data after the end of an answer would be read as the answer to the next request.
      request.once('close', () => socket.on('data', closeItself));
      if (dial?.isReported() !== true) monitor.onSocket(reused);
      onceConnected(socket, () => monitor.onConnect());
    });
  };
  return {
    watch: (agent, adapt) =>
      withPreparation(agent, (request, options) => {
        observe(request);
        if (adapt === undefined) return options;
        adapt(request);
        dial = observeDial(monitor, (socket) => {
          current = socket;
        });
        return { ...options, [DIAL_OBSERVER]: dial };
      }),
    dialFailure: () => dial?.failure(),
    wasStale: () => reused && bytesSinceSent() === 0,
    interimStatus: () => interim,
    closeSocket: () => void current?.destroy(),
  };
}

/** An agent for one request, which is prepared before the shared agent takes it. */
function withPreparation(agent: Agent, prepare: (request: ClientRequest, options: object) => object): Agent {
  const queue = agent as unknown as RequestQueue;
  const addRequest: RequestQueue['addRequest'] = (request, options, ...rest) =>
    queue.addRequest.call(agent, request, prepare(request, options), ...rest);
  return Object.create(agent, { addRequest: { value: addRequest } }) as Agent;
}

interface ObservedDial extends DialObserver {
  /** Whether the monitor knows of the socket already. */
  isReported(): boolean;
  failure(): Error | undefined;
}

/** Reports the socket to a proxy when it is opened, and remembers why there is no connection, which node-fetch forgets. */
function observeDial(monitor: AttemptMonitor, opened: (socket: Socket) => void): ObservedDial {
  let isReported = false;
  let failure: Error | undefined;
  return {
    onDial: (socket) => {
      isReported = true;
      opened(socket);
      monitor.onSocket(false);
    },
    onFailure: (error) => {
      failure = error;
    },
    isReported: () => isReported,
    failure: () => failure,
  };
}

function onceConnected(socket: Socket, report: () => void): void {
  if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', report);
  else report();
}

/** Reports interim answers. An upgrade fails the request: without a listener Node closes the socket and reports nothing. */
function watchInterim(request: ClientRequest, report: (status: number | undefined) => void): void {
  request.on('information', ({ statusCode }) => report(statusCode));
  request.once('upgrade', ({ statusCode }: IncomingMessage, socket: Socket) => {
    report(statusCode);
    socket.on('error', () => undefined).destroy();
    request.emit('error', new Error('The server switches to another protocol'));
  });
}

function closeItself(this: Socket): void {
  this.destroy();
}
