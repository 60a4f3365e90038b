import { AbortError } from 'scriptorium';
import type { GenerationError } from 'scriptorium';
import { isInterimStatus, noFinalAnswer } from 'scriptorium/plugin';
import type { AttemptMonitor, WireResponse } from 'scriptorium/plugin';
import type { Dispatcher } from 'undici';
import { ByteQueue } from './byte-queue.js';
import type { Connection, SocketListener } from './connection.js';
import { checkCoding, decoded } from './decode.js';
import { failureFrom } from './failure.js';

export interface ExchangeParts {
  readonly connection: Pick<Connection, 'isReused' | 'bytesRead'>;
  readonly signal: AbortSignal;
  readonly monitor: AttemptMonitor;
  /** The failure that a status stands for, if the answer comes from a proxy. */
  readonly refusal: (status: number) => GenerationError | undefined;
  readonly resolve: (response: WireResponse) => void;
  readonly reject: (error: GenerationError) => void;
  /** The answer has been read to its end: the connection may serve again. */
  readonly keep: () => void;
  /** The connection must be closed, in this very tick. */
  readonly drop: () => void;
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** One request and its answer, as undici tells of them. */
export class Exchange implements Dispatcher.DispatchHandler, SocketListener {
  private readonly body: ByteQueue;
  private controller: Dispatcher.DispatchController | undefined;
  private isOver = false;
  private hasHead = false;
  private interimStatus: number | undefined;
  /** The request is on its way. */
  private isStarted = false;
  private isOnKeptSocket: boolean;
  private bytesBefore = 0;

  constructor(private readonly parts: ExchangeParts) {
    this.isOnKeptSocket = parts.connection.isReused;
    this.body = new ByteQueue({
      pause: () => this.controller?.pause(),
      resume: () => this.controller?.resume(),
      cancel: () => this.leave(),
    });
    parts.signal.addEventListener('abort', this.abort);
  }

  onNewSocket(): void {
    this.isOnKeptSocket = false;
    this.parts.monitor.onSocket(false);
  }

  onConnect(): void {
    this.parts.monitor.onConnect();
  }

  /** Called when the request goes out on a connected socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.isStarted = true;
    this.bytesBefore = this.parts.connection.bytesRead;
    if (!this.isOnKeptSocket) return;
    this.parts.monitor.onSocket(true);
    this.parts.monitor.onConnect();
  }

  onResponseStart(_controller: unknown, status: number, headers: Headers): void {
    if (this.isOver) return;
    if (status < 200) {
      this.interimStatus = status;
      if (!isInterimStatus(status)) this.fail(noFinalAnswer(status));
      return;
    }
    this.hasHead = true;
    const refusal = this.parts.refusal(status);
    if (refusal !== undefined) {
      this.fail(refusal);
      return;
    }
    this.parts.monitor.onHeaders(status);
    const get = (name: string): string | null => valueOf(headers, name.toLowerCase());
    const coding = get('content-encoding')?.toLowerCase() ?? '';
    try {
      if (status <= 299) checkCoding(coding);
      this.parts.resolve({ status, headers: { get }, body: decoded(this.body, coding) });
    } catch (error) {
      this.fail(error as GenerationError);
    }
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.body.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.finish()) return;
    this.parts.keep();
    this.body.end();
  }

  onResponseError(_controller: unknown, error: Error): void {
    const { hasHead, interimStatus } = this;
    this.fail(
      !hasHead && interimStatus !== undefined
        ? noFinalAnswer(interimStatus, error)
        : failureFrom(error, { isStale: this.isStale(), hasHead }),
    );
  }

  private readonly abort = (): void => this.fail(new AbortError(), { isVoid: true });

  private isStale(): boolean {
    return this.isOnKeptSocket && (!this.isStarted || this.parts.connection.bytesRead === this.bytesBefore);
  }

  private fail(error: GenerationError, { isVoid = false } = {}): void {
    if (!this.finish()) return;
    this.parts.drop();
    this.parts.reject(error);
    this.body.fail(error, { isVoid });
  }

  private leave(): void {
    if (this.finish()) this.parts.drop();
  }

  /** @returns false if it was over before */
  private finish(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.parts.signal.removeEventListener('abort', this.abort);
    return true;
  }
}

function valueOf(headers: Headers, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
}
