import { AbortError } from '../../core/errors/classes.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { AttemptMonitor } from '../../core/monitor.js';
import type { WireRequest, WireResponse } from '../../core/transport.js';
import { CONNECTION_GONE, ConnectionGone } from '../../emulator/exchange.js';
import type { AnswerHeaders } from '../../emulator/exchange.js';
import { checkCoding } from '../../transport/coding.js';
import { Body } from './body.js';
import type { ServerRequest, SimulatedHost } from './host.js';
import { ServerSide } from './server-side.js';
import type { ClientSide } from './server-side.js';
import type { Owner } from './timeline.js';
import { nodeError } from './wire-fault.js';
import type { WireFault } from './wire-fault.js';
import type { Wires } from './wires.js';

/** Dependencies of a connection. */
export interface ConnectionParts {
  readonly wires: Wires;
  readonly client: Owner;
  readonly host: SimulatedHost;
  readonly request: WireRequest;
  readonly monitor: AttemptMonitor;
  /** Called once, when the client has closed it or the exchange is over. */
  readonly closed: (connection: Connection) => void;
}

/**
 * One exchange between a client and a host. What one side does reaches the other after the latency, in order.
 */
export class Connection {
  /** The head of the answer. */
  readonly answered: Promise<WireResponse>;
  private resolve: (answer: WireResponse) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  private readonly body: Body;
  private readonly gone = new AbortController();
  private readonly request: ServerRequest;
  private readonly fault: WireFault | undefined;
  private isClosed = false;
  private isFaulty = false;
  /** Virtual milliseconds before which nothing more can arrive at the client. */
  private lastArrival = 0;

  constructor(private readonly parts: ConnectionParts) {
    this.answered = new Promise((resolve, reject) => {
      [this.resolve, this.reject] = [resolve, reject];
    });
    this.answered.catch(() => undefined);
    const { wires, host } = parts;
    this.body = new Body(host.options.windowBytes ?? wires.windowBytes, () => this.close());
    const { method, url, headers, body = '' } = parts.request;
    this.request = { method, url: new URL(url), headers, body };
    this.fault = host.options.fault?.(this.request);
  }

  /** Connects, on a kept-alive socket if there is one, and sends the request. */
  connect(): void {
    const { wires, client, host, monitor } = this.parts;
    const isReused = this.fault?.isStale === true || wires.takeIdle(client, host);
    monitor.onSocket(isReused);
    const failure = this.connectFailure(isReused);
    const isAtOnce = isReused && failure === undefined;
    if (isAtOnce && client.condition === 'running') {
      this.connected();
      return;
    }
    const run = (): void => {
      if (this.isClosed || failure === 'silence') return;
      if (failure === undefined) this.connected();
      else this.fail(failure);
    };
    // A paused process sends once it runs again.
    const afterMs = isAtOnce ? 0 : 2 * wires.latency();
    wires.timeline.schedule(afterMs, { owner: client, label: `connection to ${host.name}`, run });
  }

  /** The client has left. */
  abort(): void {
    if (this.isClosed) return;
    this.reject(new AbortError());
    this.body.fail(new AbortError());
    this.close();
  }

  /** The client has died: only the server learns of it. */
  vanish(): void {
    this.close();
  }

  /** The server has gone. `silently`: the client is not notified. */
  serverCrashed(how: 'loudly' | 'silently'): void {
    this.serverLeaves();
    if (how === 'loudly') this.toClient('reset', () => this.fail('ECONNRESET'));
  }

  private connectFailure(isReused: boolean): string | undefined {
    if (this.fault?.at === 'connect') return this.fault.code;
    const { down } = this.parts.host;
    if (down === undefined || isReused) return undefined;
    return down === 'silently' ? 'silence' : 'ECONNREFUSED';
  }

  private connected(): void {
    const { wires, host, monitor, request } = this.parts;
    wires.traced(new TextEncoder().encode(JSON.stringify(request)));
    host.open.add(this);
    monitor.onConnect();
    const run = (): void => this.serve();
    wires.timeline.schedule(wires.latency(), { owner: host, label: `request to ${host.name}`, run });
  }

  private serve(): void {
    const { wires, host } = this.parts;
    const { fault, gone } = this;
    if (gone.signal.aborted) return;
    if (host.down !== undefined) this.serverCrashed(host.down);
    else if (fault?.at === 'head') {
      if (fault.code !== 'silence') this.toClient('no head', () => this.fail(fault.code));
    } else {
      const exchange = new ServerSide({ wires, host, client: this.clientSide(), gone });
      const serving = Promise.resolve().then(() => host.serve(this.request, exchange));
      serving.catch((error: unknown) => {
        if (!(error instanceof ConnectionGone)) wires.mistake(error);
      });
    }
  }

  private clientSide(): ClientSide {
    return {
      body: this.body,
      head: (status, headers) => this.toClient(`head ${status}`, () => this.headArrived(status, headers)),
      bytes: (piece) => this.toClient(`${piece.length} bytes`, () => this.arrived(piece)),
      end: () => this.toClient('end', () => this.ended()),
      cut: (isHeadSent) =>
        this.toClient('cut', () => this.fail(isHeadSent ? 'ERR_STREAM_PREMATURE_CLOSE' : 'ECONNRESET')),
    };
  }

  private headArrived(status: number, headers: AnswerHeaders): void {
    if (this.isClosed) return;
    this.isFaulty = this.fault?.at === 'body' && status < 300;
    this.parts.monitor.onHeaders(status);
    const answer: WireResponse = { status, headers: new Headers(textsOf(headers)), body: this.body };
    try {
      if (status < 300) checkCoding(answer.headers.get('content-encoding'));
    } catch (error) {
      this.failWith(error);
    }
    this.resolve(answer);
  }

  private arrived(piece: Uint8Array): void {
    if (this.isClosed) return;
    const left = this.isFaulty ? (this.fault?.afterBytes ?? 0) - this.body.received : Infinity;
    if (left > 0) this.body.push(piece.subarray(0, left));
    if (left < piece.length) this.breakOff();
  }

  /** The fault of a body strikes. Silence leaves the connection open. */
  private breakOff(): void {
    const code = this.fault?.code ?? '';
    if (code === 'silence') this.body.stall();
    else if (code === 'end') {
      this.body.finish();
      this.close();
    } else this.fail(code);
  }

  private ended(): void {
    const { wires, client, host } = this.parts;
    if (this.isClosed) return;
    if (this.isFaulty) {
      this.breakOff();
      return;
    }
    this.body.finish();
    this.over();
    this.serverLeaves();
    wires.putIdle(client, host);
  }

  private fail(code: string): void {
    this.failWith(toGenerationError(nodeError(code), this.fault?.isStale === true ? { neverSent: true } : {}));
  }

  private failWith(failure: unknown): void {
    if (this.isClosed) return;
    this.reject(failure);
    this.body.fail(failure);
    this.close();
  }

  /** The client closes the connection: the server sees it after the latency. */
  private close(): void {
    const { wires, host } = this.parts;
    if (this.isClosed) return;
    this.over();
    const run = (): void => this.serverLeaves();
    wires.timeline.schedule(wires.latency(), { owner: host, label: 'close', run });
  }

  private over(): void {
    this.isClosed = true;
    this.parts.closed(this);
  }

  private serverLeaves(): void {
    this.parts.host.open.delete(this);
    if (!this.gone.signal.aborted) this.gone.abort(CONNECTION_GONE);
  }

  /** Delivers to the client after the latency, and never before what was sent earlier. */
  private toClient(label: string, run: () => void): void {
    const { wires, client } = this.parts;
    const { timeline } = wires;
    this.lastArrival = Math.max(timeline.now + wires.latency(), this.lastArrival);
    timeline.schedule(this.lastArrival - timeline.now, { owner: client, label, run });
  }
}

function textsOf(headers: AnswerHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
