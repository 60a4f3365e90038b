import type { ErrorCode } from '../../core/errors/codes.js';
import type { FinishReason } from '../../core/events.js';
import type { Provider } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';

/** A provider, and what is to run after its proof: `providerOf` gives it. */
export type ProvedProvider = Provider & { readonly dispose?: () => unknown };

/** A provider whose promises are to be proved, and how its vendor puts things on the wire. */
export interface ProviderContract {
  /** Builds the provider for a server at this origin, such as `http://127.0.0.1:4010`, with this key. */
  readonly make: (server: {
    readonly url: string;
    readonly apiKey: string;
  }) => ProvedProvider | Promise<ProvedProvider>;
  readonly dialect: ProviderDialect;
  /** Fields of the requests that are sent, such as a model that the provider knows. */
  readonly request?: Partial<GenerationRequest>;
  /** Models that differ in what they do with a text to go on from; by default only the request's own. */
  readonly models?: readonly string[];
}

/** Turns an answer, as anybody would tell it, into what its vendor writes. */
export interface ProviderDialect {
  /** By default `text/event-stream`. With another one, other content types are not tried. */
  readonly contentType?: string;
  /** The answer as a stream. */
  readonly stream: (answer: ToldAnswer) => WireStream;
  /** An error that the vendor reports in the middle of a good stream, there for the time being (overloaded). */
  readonly streamError: (message: string) => string;
  /** The body of an answer with a failing status. */
  readonly errorBody: (status: number, message: string) => string;
  /** The answer as one JSON document, where the vendor also answers without a stream. */
  readonly json?: (answer: ToldAnswer) => string;
  /** The last events of a whole answer whose reason to end is this word, where the vendor has words for it. */
  readonly ended?: (reason: string) => readonly string[];
  /** Further words for reasons to end, beside those that `stream` uses, by what they mean. */
  readonly finishReasons?: Readonly<Record<string, FinishReason['unified']>>;
  /** The body of an error that says only that another vendor failed, and has that one's reason further in. */
  readonly upstreamError?: (reason: string) => string;
  /** Codes of failing statuses that mean something else to this vendor than they mean to most. */
  readonly statuses?: Readonly<Record<number, { readonly code: ErrorCode; readonly retryable: boolean }>>;
}

/** A stream, cut in two where the vendor says that the answer is whole. Each text is one event. */
export interface WireStream {
  /** All before: without what follows, the answer is cut short. */
  readonly body: readonly string[];
  /** The last events of a whole answer: the reason for its end, its usage, a terminator. */
  readonly end: readonly string[];
}

export interface ToldAnswer {
  /** Pieces of the text, an event each. */
  readonly texts: readonly string[];
  readonly toolCalls: readonly ToldCall[];
  readonly finish: 'stop' | 'length' | 'tool-calls';
  /** Of the whole answer. A vendor that counts as it goes tells less before. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

export interface ToldCall {
  readonly id: string;
  readonly name: string;
  /** Fragments of one JSON text, an event each. */
  readonly arguments: readonly string[];
}
