import type { GenerationError } from 'scriptorium';
import { toGenerationError } from 'scriptorium/plugin';
import type { AttemptMonitor, Clock, Redact, WireRequest, WireResponse } from 'scriptorium/plugin';
import { recordedChunks } from './chunks.js';
import type { TimedBytes } from './chunks.js';
import type { Exchange, RecordedEnd, RecordedError, RecordedResponse } from './exchange.js';
import { responseHeaders } from './headers.js';
import { scrubbed, scrubbing } from './scrub.js';
import { redactAlso, redactUrl, writtenRequest } from './written-request.js';

/** One exchange while it is being recorded. It only listens: what it hears of first is its end, and nothing counts after that. */
export class Take {
  /** Settled when the exchange has ended, in whatever way. */
  readonly ended: Promise<void>;
  private readonly startedAt: number;
  private readonly chunks: TimedBytes[] = [];
  private readonly told = { socket: false, connect: false };
  private head: Omit<RecordedResponse, 'chunks'> | undefined;
  private end: RecordedEnd | undefined;
  private markEnded = (): void => undefined;

  constructor(
    private readonly request: WireRequest,
    private readonly signal: AbortSignal,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.monotonic();
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
    signal.addEventListener('abort', this.left, { once: true });
  }

  readonly monitor: Partial<AttemptMonitor> = {
    onSocket: () => {
      this.told.socket = true;
    },
    onConnect: () => {
      this.told.connect = true;
    },
  };

  answered({ status, headers }: WireResponse): void {
    this.head ??= { atMs: this.now(), status, headers: responseHeaders(headers) };
  }

  /** The bytes are copied: they are the reader's. */
  came(bytes: Uint8Array): void {
    if (this.end === undefined) this.chunks.push({ atMs: this.now(), bytes: Buffer.from(bytes) });
  }

  isOver(): void {
    this.finish({ atMs: this.now(), type: 'end' });
  }

  failed(error: unknown): void {
    const failure = toGenerationError(error);
    // A transport that tells nothing of its sockets is taken to have sent what it does not say was not.
    if (!this.told.socket && failure.neverSent !== true) this.told.connect = true;
    this.finish({ atMs: this.now(), type: 'error', error: recordedError(failure) });
  }

  /** The reader wants no more. */
  readonly left = (): void => this.finish({ atMs: this.now(), type: 'aborted' });

  /** What is written down; undefined until the end. */
  exchange(redact: Redact): Exchange | undefined {
    const { request, head, end } = this;
    if (end === undefined) return undefined;
    const hide = redactAlso(redact, request.headers);
    const headers = Object.entries(head?.headers ?? {}).map(([name, value]) => [
      name,
      name === 'location' ? redactUrl(value, hide) : hide(value),
    ]);
    return {
      request: writtenRequest(request, hide),
      ...(head === undefined && !this.told.connect && { connected: false }),
      ...(head !== undefined && {
        response: {
          ...head,
          headers: Object.fromEntries(headers) as Record<string, string>,
          chunks: recordedChunks(this.chunks, (text) => scrubbing(text, hide)),
        },
      }),
      end: end.type === 'error' ? { ...end, error: { ...end.error, message: scrubbed(end.error.message, hide) } } : end,
    };
  }

  private now(): number {
    return Math.round(this.clock.monotonic() - this.startedAt);
  }

  private finish(end: RecordedEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.signal.removeEventListener('abort', this.left);
    this.markEnded();
  }
}

function recordedError({ code, message, retryable, retryLimit, neverSent, status }: GenerationError): RecordedError {
  return {
    code,
    message,
    retryable,
    ...(retryLimit !== undefined && { retryLimit }),
    ...(neverSent !== undefined && { neverSent }),
    ...(status !== undefined && { status }),
  };
}
