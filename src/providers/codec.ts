import type { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEnd, GenerationEvent } from '../core/events.js';
import type { Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { WireRequest, WireResponse } from '../core/transport.js';

/** Hands one event on. */
export type Emit = (event: GenerationEvent) => void;

/**
 * What is particular to one vendor: how a request is written, and how its answers are read. Everything else, bytes and
 * buffers, splitting and cancelling, is `httpProvider`'s.
 */
export interface Codec extends Pick<Provider, 'id' | 'limitKeys' | 'capabilities'> {
  encode(request: GenerationRequest): WireRequest;
  /** A reader for one answer; `head` is at hand before the first byte of the body. */
  reader(request: GenerationRequest, head: Pick<WireResponse, 'headers'>, now: () => number): AnswerReader;
  /** Makes an error of an answer whose status is not 2xx, or whose body is none of the vendor's. */
  classify(failure: FailedAnswer): GenerationError;
  /** The data that closes a stream: `[DONE]`. */
  readonly terminator?: string;
}

export interface FailedAnswer {
  readonly status: number;
  readonly headers: WireResponse['headers'];
  /** At most 64 KB of it. */
  readonly body: string;
  /** Epoch milliseconds, for hints that count from now. */
  readonly now: number;
}

/** Reads one answer. Throws a `GenerationError` where it says that it failed. */
export interface AnswerReader {
  /** One parsed event of a stream, with its text, or the whole of a JSON answer. Tells whether it brought content of any kind. */
  read(json: unknown, emit: Emit, data?: string): boolean;
  /** Reads an event that is known without parsing it, and tells the same. Undefined: it must be parsed and read. */
  readUnparsed?(data: string, emit: Emit): boolean | undefined;
  /** The terminator has come. */
  terminated?(): void;
  /** Whether the vendor has said that the answer is whole. */
  isWhole(): boolean;
  /** Whether the vendor has closed the answer, where an event says so and not `terminator`: nothing after it is read. */
  isClosed?(): boolean;
  /** The answer has ended: hands over what was held until now and gives the end. @throws if it is not whole, or empty */
  end(emit: Emit): GenerationEnd;
}
