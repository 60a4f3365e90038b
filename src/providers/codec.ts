import type { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEnd, GenerationEvent } from '../core/events.js';
import type { Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { WireRequest, WireResponse } from '../core/transport.js';

/** Emits one event. */
export type Emit = (event: GenerationEvent) => void;

/**
 * Encodes the requests and decodes the answers of one vendor. `httpProvider` does the rest: bytes, buffers, splitting
 * and cancellation.
 * @see docs/write-a-provider.md
 */
export interface Codec extends Pick<Provider, 'id' | 'limitKeys' | 'capabilities' | 'billing'> {
  /** Builds the HTTP request. */
  encode(request: GenerationRequest): WireRequest;
  /** Creates the reader for one answer, before the first byte of the body. */
  reader(request: GenerationRequest, head: AnswerHead): AnswerReader;
  /** Converts an answer with a status outside 2xx, or with a body that is not the vendor's, to an error. */
  classify(failure: FailedAnswer): GenerationError;
  /** The data that closes a stream, such as `[DONE]`. */
  readonly terminator?: string;
}

/** The start of an answer, as `Codec.reader` receives it. */
export interface AnswerHead {
  readonly headers: WireResponse['headers'];
  /** The number of the attempt within its generation, from 1. */
  readonly attempt: number;
  /** Returns epoch milliseconds. */
  readonly now: () => number;
}

/** A failed answer, as `Codec.classify` receives it. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: WireResponse['headers'];
  /** The first 64 KB. */
  readonly body: string;
  /** Epoch milliseconds, for relative retry hints. */
  readonly now: number;
}

/** Reads one answer. Its methods throw a `GenerationError` if the answer reports a failure. */
export interface AnswerReader {
  /**
   * Reads one parsed event of a stream, or a whole JSON answer. Returns whether it brought content of any kind.
   * @param data the event's text; absent for a whole JSON answer
   */
  read(json: unknown, emit: Emit, data?: string): boolean;
  /** Called before `read` for an answer that is one whole JSON body, and no stream. */
  expectBody?(): void;
  /** Reads an event without parsing it, and returns the same. Undefined if the event has to be parsed and read. */
  readUnparsed?(data: string, emit: Emit): boolean | undefined;
  /** Called when the terminator arrives. */
  terminated?(): void;
  /** Whether the vendor has marked the answer as complete. */
  isWhole(): boolean;
  /** Whether an event, not the `terminator`, has closed the answer. Nothing after it is read. */
  isClosed?(): boolean;
  /**
   * Emits the events held back, and returns the final one.
   * @throws GenerationError if the answer is incomplete or empty
   */
  end(emit: Emit): GenerationEnd;
}
