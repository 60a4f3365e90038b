import type { Random } from '../../core/clock.js';
import type { Transport } from '../../core/transport.js';
import { AbortError } from '../../core/errors/classes.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { Connection } from './connection.js';
import type { SimulatedHost } from './host.js';
import { wholeNumber } from './seeded.js';
import type { Owner, Timeline } from './timeline.js';
import { nodeError } from './wire-fault.js';
import type { Wires } from './wires.js';

/** How the network of a world behaves. */
export interface NetworkOptions {
  /** Milliseconds one way, chosen anew for each piece; [5, 50] by default. */
  readonly latencyMs?: readonly [least: number, most: number];
  /** How often a piece is cut at random bytes into several, 0 to 1; 0.1 by default. */
  readonly splitRate?: number;
  /** Bytes that may be under way to a client that does not read, 65,536 by default: then `write` waits. */
  readonly windowBytes?: number;
}

/** The most pieces that one write is cut into. */
const MOST_PIECES = 4;
const WINDOW_BYTES = 64 * 1024;

/** Dependencies of a network. */
export interface NetworkParts extends NetworkOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly mistake: (error: unknown) => void;
  /** Receives all bytes that are sent. */
  readonly traced: (bytes: Uint8Array) => void;
}

/** Kept-alive connections to a host, of one of its lives. */
interface Idle {
  readonly life: number;
  count: number;
}

/** The virtual network between the processes and the hosts of a world. */
export class Network implements Wires {
  private readonly hosts = new Map<string, SimulatedHost>();
  private readonly idle = new Map<Owner, Map<SimulatedHost, Idle>>();
  private readonly open = new Map<Owner, Set<Connection>>();

  constructor(private readonly parts: NetworkParts) {}

  get timeline(): Timeline {
    return this.parts.timeline;
  }

  get windowBytes(): number {
    return this.parts.windowBytes ?? WINDOW_BYTES;
  }

  mistake(error: unknown): void {
    this.parts.mistake(error);
  }

  traced(bytes: Uint8Array): void {
    this.parts.traced(bytes);
  }

  addHost(host: SimulatedHost): void {
    this.hosts.set(host.name, host);
  }

  /** The transport of one client. Once the client is gone, it ignores all calls. */
  transportOf(client: Owner): Transport {
    return {
      open: async (request, signal, monitor) => {
        if (signal.aborted) throw new AbortError();
        if (client.condition === 'gone') return new Promise(() => undefined);
        const host = this.hosts.get(new URL(request.url).host);
        if (host === undefined) throw toGenerationError(nodeError('ENOTFOUND'));
        const open = this.openOf(client);
        const leave = (): void => connection.abort();
        const closed = (): void => {
          open.delete(connection);
          signal.removeEventListener('abort', leave);
        };
        const connection = new Connection({ wires: this, client, host, request, monitor, closed });
        open.add(connection);
        signal.addEventListener('abort', leave);
        connection.connect();
        return connection.answered;
      },
      close: () => {
        for (const connection of [...this.openOf(client)]) connection.abort();
      },
    };
  }

  /** The client has died: nothing reaches it any more, and its servers see its connections close. */
  forget(client: Owner): void {
    for (const connection of [...this.openOf(client)]) connection.vanish();
    this.open.delete(client);
    this.idle.delete(client);
  }

  /** Connections of a client that are in use. */
  connectionsOf(client: Owner): number {
    return this.openOf(client).size;
  }

  takeIdle(client: Owner, host: SimulatedHost): boolean {
    const idle = this.idle.get(client)?.get(host);
    if (idle === undefined || idle.count === 0 || idle.life !== host.life) return false;
    idle.count -= 1;
    return true;
  }

  putIdle(client: Owner, host: SimulatedHost): void {
    const all = this.idle.get(client) ?? new Map<SimulatedHost, Idle>();
    const idle = all.get(host);
    if (idle?.life === host.life) idle.count += 1;
    else all.set(host, { life: host.life, count: 1 });
    this.idle.set(client, all);
  }

  latency(): number {
    const { random, latencyMs: [least, most] = [5, 50] } = this.parts;
    return least + random() * (most - least);
  }

  split(bytes: Uint8Array): readonly Uint8Array[] {
    const { random, splitRate = 0.1 } = this.parts;
    if (bytes.length < 2 || random() >= splitRate) return [bytes];
    const cuts = Array.from({ length: wholeNumber(random, 1, MOST_PIECES - 1) }, () =>
      wholeNumber(random, 1, bytes.length - 1),
    ).sort((a, b) => a - b);
    return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index])).filter(({ length }) => length > 0);
  }

  private openOf(client: Owner): Set<Connection> {
    const connections = this.open.get(client) ?? new Set<Connection>();
    this.open.set(client, connections);
    return connections;
  }
}
