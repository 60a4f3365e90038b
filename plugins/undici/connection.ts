import type { Socket } from 'node:net';
import type { OnDialled } from 'scriptorium/plugin';
import type { Client, Dispatcher } from 'undici';
import type { Dial } from './dial.js';
import type { Undici } from './load-undici.js';

/** Hears of the socket that its request gets. */
export interface SocketListener {
  onNewSocket(): void;
  onConnect(): void;
}

export interface ConnectionParts {
  readonly library: Undici;
  readonly origin: string;
  readonly dial: Dial;
  readonly keepAliveMs: number;
  /** Called when the socket has gone, for whatever reason. */
  readonly onGone: () => void;
}

/** What a server's `Keep-Alive: timeout` is shortened by, so that it is not the server who closes first. As Node's agents do. */
const SERVER_HINT_MARGIN_MS = 1_000;

/**
 * One client of undici, which has one socket at a time and serves one request at a time. If a kept socket closes just
 * before a request would have gone out on it, undici opens another one by itself.
 */
export class Connection {
  readonly origin: string;
  private readonly client: Client;
  private socket: Socket | undefined;
  private listener: SocketListener | undefined;
  private hasServed = false;

  constructor({ library, origin, dial, keepAliveMs, onGone }: ConnectionParts) {
    this.origin = origin;
    this.client = new library.Client(origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      keepAliveTimeoutThreshold: SERVER_HINT_MARGIN_MS,
      connect: (_options, callback) => this.connect(dial, callback),
    });
    this.client.on('disconnect', () => onGone());
  }

  /** Its socket has served a request before. */
  get isReused(): boolean {
    return this.hasServed;
  }

  get bytesRead(): number {
    return this.socket?.bytesRead ?? 0;
  }

  send(request: Dispatcher.DispatchOptions, exchange: Dispatcher.DispatchHandler & SocketListener): void {
    this.listener = exchange;
    this.client.dispatch(request, exchange);
  }

  /** The answer has been read to its end; another request may come. */
  rest(): void {
    this.listener = undefined;
    this.hasServed = true;
  }

  /** Destroys the socket in this very tick, also one that is not connected yet. */
  close(): void {
    this.listener = undefined;
    this.socket?.destroy();
    void this.client.destroy();
  }

  private connect(dial: Dial, done: OnDialled): void {
    this.hasServed = false;
    dial(
      (socket) => {
        this.socket = socket;
      },
      (...outcome) => {
        if (outcome[0] === null) this.listener?.onConnect();
        done(...outcome);
      },
    );
    this.listener?.onNewSocket();
  }
}
