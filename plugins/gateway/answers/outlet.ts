import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from 'scriptorium/plugin';
import { breakConnection } from './break-connection.js';

/** The timing of an answer, and the form of its success. */
export interface OutletOptions {
  readonly clock: Clock;
  /** How long the status line waits for the first word, in milliseconds; undefined: as long as the answer takes. */
  readonly holdMs: number | undefined;
  readonly keepAliveMs: number;
  /** The text that keeps the connection open and means nothing. */
  readonly filler: string;
  /** Headers of every answer. */
  readonly shared: OutgoingHttpHeaders;
  /** The headers of a success. */
  head(): OutgoingHttpHeaders;
}

/** The connection's side of one answer. Its status line waits for the first word, so that an early failure has its true status. */
export class Outlet {
  private cancelTimer: Cancel = () => undefined;
  private isOver = false;
  /** Texts that leave together: those of one read of the vendor's socket. */
  private gathered = '';
  private wake = (): void => undefined;

  /** @param connection the socket of the request: the response of a pipelined request has none at first */
  constructor(
    private readonly response: ServerResponse,
    private readonly connection: Socket,
    private readonly options: OutletOptions,
  ) {
    const { clock, holdMs } = options;
    // A write may fail after the client has left, which `whenGone` reports.
    response.on('error', () => undefined);
    response.on('drain', () => this.wake());
    if (holdMs !== undefined) this.cancelTimer = clock.setTimer(holdMs, () => this.fill());
  }

  /** Calls one of these once: when the whole answer was flushed, or when the connection closed before. */
  watch({ onFlushed, onGone }: { readonly onFlushed: () => void; readonly onGone: () => void }): void {
    const { response, connection } = this;
    const onClose = (): void => {
      this.stop();
      this.wake();
      onGone();
    };
    response.once('finish', () => {
      connection.off('close', onClose);
      onFlushed();
    });
    // One connection may carry many pipelined requests.
    connection.setMaxListeners(0);
    connection.once('close', onClose);
    if (connection.destroyed) onClose();
  }

  /** Whether no further text can be sent. */
  get isClosed(): boolean {
    return this.isOver;
  }

  /** Sends a text. Returns false if the client reads slowly: then await `drained()`. */
  write(text: string): boolean {
    if (this.isOver) return true;
    if (!this.response.headersSent) this.begin();
    if (this.gathered === '') process.nextTick(() => this.flush());
    this.gathered += text;
    return !this.response.writableNeedDrain;
  }

  /** Resolves once the client has read on, or has left. */
  drained(): Promise<void> {
    if (this.isOver || !this.response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Sends the last text of a whole answer. */
  end(text: string): void {
    if (this.isOver) return;
    this.stop();
    if (!this.response.headersSent) {
      this.response.writeHead(200, { ...this.head(), 'content-length': Buffer.byteLength(text) });
    }
    this.response.end(this.taken() + text);
  }

  /** Ends with a failure: with its true status, or by breaking the connection after the text if the answer has begun. */
  fail(
    refusal: { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: string },
    lastText: () => string,
  ): void {
    if (this.isOver) return;
    this.stop();
    const { response } = this;
    if (!response.headersSent) {
      const { status, headers, body } = refusal;
      response
        .writeHead(status, { ...this.options.shared, ...headers, 'content-length': Buffer.byteLength(body) })
        .end(body);
      return;
    }
    const { clock, keepAliveMs } = this.options;
    const cut = (): void => breakConnection(response, clock);
    // A client that does not read would never get the text.
    const cancel = clock.setTimer(keepAliveMs, cut);
    this.connection.once('close', cancel);
    response.write(this.taken() + lastText(), cut);
  }

  private flush(): void {
    if (this.gathered !== '') this.response.write(this.taken());
  }

  private taken(): string {
    const { gathered } = this;
    this.gathered = '';
    return gathered;
  }

  private begin(): void {
    const { clock, keepAliveMs } = this.options;
    this.cancelTimer();
    this.cancelTimer = clock.setTimer(keepAliveMs, () => this.fill());
    this.response.writeHead(200, this.head());
  }

  private fill(): void {
    const { clock, keepAliveMs, filler } = this.options;
    if (!this.response.writableNeedDrain) this.write(filler);
    this.cancelTimer();
    this.cancelTimer = clock.setTimer(keepAliveMs, () => this.fill());
  }

  private head(): OutgoingHttpHeaders {
    return { ...this.options.shared, ...this.options.head() };
  }

  private stop(): void {
    this.isOver = true;
    this.cancelTimer();
    this.wake();
  }
}
