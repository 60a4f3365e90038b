import type { Clock, Cancel } from '../../core/clock.js';
import type { Exchange } from '../../emulator/exchange.js';
import type { WireFault } from './wire-fault.js';
import type { Owner, Timeline } from './timeline.js';

/** A request as a simulated server receives it. */
export interface ServerRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A simulated server: a plain function. Whatever waits throws `ConnectionGone` once the client has left; anything else that
 * it throws is a mistake in the test.
 */
export type Serve = (request: ServerRequest, exchange: Exchange) => void | Promise<void>;

/** How a host behaves. */
export interface HostOptions {
  /** Milliseconds by which the host's wall clock is ahead; 0 by default. */
  readonly skewMs?: number;
  /** Bytes that may be under way to a client that does not read; the network's by default. */
  readonly windowBytes?: number;
  /** Chooses the failure of the network that an exchange meets. */
  readonly fault?: (request: ServerRequest) => WireFault | undefined;
}

/** A server in a world. */
export interface Host {
  /** `https://name`; requests to it reach `serve`. */
  readonly url: string;
  /** The host's own clock. */
  readonly clock: Clock;
  /** Connections that are open at the server. */
  readonly connections: number;
  /** Ends all connections and refuses new ones until `start`. `silently`: no client is notified (a half-open peer). */
  crash(how?: 'loudly' | 'silently'): void;
  /** Comes back after a crash. */
  start(): void;
}

/** Dependencies of a host. */
export interface HostParts {
  readonly name: string;
  readonly serve: Serve;
  readonly timeline: Timeline;
  /** Epoch milliseconds at the start of the world. */
  readonly startAt: number;
  readonly options: HostOptions;
}

/** A connection, as its host sees it. */
export interface HostConnection {
  serverCrashed(how: 'loudly' | 'silently'): void;
}

/** A host with what its connections need. */
export class SimulatedHost implements Host, Owner {
  readonly open = new Set<HostConnection>();
  readonly clock: Clock;
  readonly condition = 'running';
  /** Kept-alive connections of an earlier life are closed. */
  life = 0;
  /** While it is down: whether a client that connects is refused, or gets no answer. */
  down: 'loudly' | 'silently' | undefined;

  readonly name: string;
  readonly serve: Serve;
  readonly options: HostOptions;

  constructor({ name, serve, timeline, startAt, options }: HostParts) {
    [this.name, this.serve, this.options] = [name, serve, options];
    const { skewMs = 0 } = options;
    this.clock = {
      now: () => startAt + skewMs + timeline.now,
      monotonic: () => timeline.now,
      setTimer: (ms, run): Cancel => timeline.schedule(ms, { owner: this, label: 'timer', run }),
    };
  }

  get url(): string {
    return `https://${this.name}`;
  }

  get connections(): number {
    return this.open.size;
  }

  crash(how: 'loudly' | 'silently' = 'loudly'): void {
    this.down = how;
    if (how === 'loudly') this.life += 1;
    for (const connection of [...this.open]) connection.serverCrashed(how);
  }

  start(): void {
    this.down = undefined;
  }
}
