import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AttemptMonitor } from '../core/monitor.js';

/** Observes the socket of one request. */
export interface SocketObserver {
  /** Wraps the shared agent for this request, so that its socket is observed. */
  watch(agent: Agent): Agent;
  /** Whether the request used a socket that had served before, and that socket returned no bytes. */
  wasStale(): boolean;
  /** The status of the last interim answer (1xx), if there was one. */
  interimStatus(): number | undefined;
  /** Closes the socket, also if the agent keeps it for another request. */
  closeSocket(): void;
}

/** The method of an agent that Node's http client calls; missing in Node's types. */
interface RequestQueue {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** Reports a socket's assignment and connection to the monitor, which node-fetch does not expose. */
export function observeSockets(monitor: AttemptMonitor): SocketObserver {
  let reused = false;
  let bytesSinceSent = (): number => 0;
  let interim: number | undefined;
  let current: Socket | undefined;

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
      monitor.onSocket(reused);
      if (socket.connecting)
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => monitor.onConnect());
      else monitor.onConnect();
    });
  };
  return {
    watch: (agent) => {
      const queue = agent as unknown as RequestQueue;
      const addRequest: RequestQueue['addRequest'] = (request, ...rest) => {
        observe(request);
        queue.addRequest.call(agent, request, ...rest);
      };
      return Object.create(agent, { addRequest: { value: addRequest } }) as Agent;
    },
    wasStale: () => reused && bytesSinceSent() === 0,
    interimStatus: () => interim,
    closeSocket: () => void current?.destroy(),
  };
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
