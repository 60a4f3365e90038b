import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { HttpProxy } from '../../core/http-proxy.js';
import { dialProxy, dialTunnel } from './dial.js';
import type { OnDialled } from './dial.js';
import { closedEarly } from './failures.js';

/** The option of a request by which an agent reports how its connection is made. */
export const DIAL_OBSERVER = Symbol('dial observer');

/** Observes the making of one connection through a proxy, which Node does not report. */
export interface DialObserver {
  /** A socket to the proxy is opened; it is not connected yet. */
  onDial(socket: Socket): void;
  onFailure(error: Error): void;
}

/** Agents whose connections go through proxies. Like Node's own, they keep idle connections, by the server's host. */
export interface ProxiedAgents {
  agentFor(proxy: HttpProxy, protocol: string): HttpAgent;
  /** Closes all connections, those that are being made included. */
  destroy(): void;
}

interface DialOptions extends ConnectionOptions {
  readonly [DIAL_OBSERVER]?: DialObserver;
}

/** Opens a connection for an agent. Returns the socket to the proxy at once. */
type Dial = (target: DialOptions, done: OnDialled) => Socket;

/** Node's way to a secure connection, which keeps the sessions of TLS; in Node's types only for sockets of its own. */
interface SecureAgent {
  readonly createConnection: (this: HttpsAgent, options: ConnectionOptions) => TLSSocket;
}

const KEPT = { keepAlive: true, scheduling: 'lifo' } as const;

/** Creates agents when they are first needed, one for each proxy and protocol. */
export function proxiedAgents(): ProxiedAgents {
  const agents = new Map<string, HttpAgent>();
  const dialling = new Set<Socket>();
  const make = (proxy: HttpProxy, protocol: string): HttpAgent => {
    if (protocol !== 'https:')
      return Object.assign(new HttpAgent(KEPT), {
        createConnection: observed((_, done) => dialProxy(proxy, done), dialling),
      });
    const agent = new HttpsAgent(KEPT);
    const { createConnection } = agent as unknown as SecureAgent;
    const secure = (options: ConnectionOptions): TLSSocket => createConnection.call(agent, options);
    return Object.assign(agent, {
      createConnection: observed((target, done) => dialSecurely(proxy, target, { done, secure }), dialling),
    });
  };
  return {
    agentFor: (proxy, protocol) => {
      const name = `${protocol} ${proxy.source}`;
      const agent = agents.get(name) ?? make(proxy, protocol);
      agents.set(name, agent);
      return agent;
    },
    destroy: () => {
      for (const agent of agents.values()) agent.destroy();
      for (const socket of dialling) socket.destroy();
    },
  };
}

/** Reports a dial to its observer, and lists its socket while it is under way. */
function observed(dial: Dial, dialling: Set<Socket>): (target: DialOptions, done: OnDialled) => undefined {
  return (target, done) => {
    const observer = target[DIAL_OBSERVER];
    const socket = dial(target, (...outcome) => {
      dialling.delete(socket);
      if (outcome[0] !== null) observer?.onFailure(outcome[0]);
      done(...outcome);
    });
    dialling.add(socket);
    observer?.onDial(socket);
  };
}

interface SecureDial {
  readonly done: OnDialled;
  /** Node's own way to a secure connection, which keeps the sessions of TLS. */
  readonly secure: (options: ConnectionOptions) => TLSSocket;
}

function dialSecurely(proxy: HttpProxy, target: DialOptions, { done, secure }: SecureDial): Socket {
  const host = target.host ?? '';
  return dialTunnel(proxy, `${isIPv6(host) ? `[${host}]` : host}:${target.port ?? ''}`, (error, tunnel) => {
    if (error !== null) {
      done(error, null);
      return;
    }
    const socket = secure({ ...target, socket: tunnel });
    const finish: OnDialled = (...outcome) => {
      socket.off('error', fail).off('close', close).off('secureConnect', succeed);
      done(...outcome);
    };
    const fail = (failure: Error): void => finish(failure, null);
    const close = (): void => finish(closedEarly(proxy), null);
    const succeed = (): void => finish(null, socket);
    socket.once('error', fail).once('close', close).once('secureConnect', succeed);
  });
}
