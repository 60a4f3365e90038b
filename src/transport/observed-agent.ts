import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { AttemptMonitor } from '../core/monitor.js';

export interface SocketObserver {
  /** The agent for this one request: the shared one, with its sockets observed. */
  watch(agent: Agent): Agent;
  /** The request went onto a socket that had served before, and that socket brought nothing back. */
  wasStale(): boolean;
}

/** What Node's http client calls on an agent; its types leave it out. */
interface RequestQueue {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** Tells the monitor of a socket's assignment and connection, which node-fetch itself does not show. */
export function observeSockets(monitor: AttemptMonitor): SocketObserver {
  let reused = false;
  let bytesSinceSent = (): number => 0;

  const observe = (request: ClientRequest): void => {
    request.once('socket', (socket: Socket) => {
      reused = request.reusedSocket;
      const before = socket.bytesRead;
      bytesSinceSent = () => socket.bytesRead - before;
      socket.off('data', closeItself);
      // What comes after an answer's end would be taken for the answer to the next request.
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
  };
}

/** Who speaks out of turn is not asked again. */
function closeItself(this: Socket): void {
  this.destroy();
}
