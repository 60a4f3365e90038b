import type { ErrorCode } from 'scriptorium/plugin';

/** What a file holds. All times are whole milliseconds since the request. */
export interface Cassette {
  /** The version of this format. */
  readonly cassette: 1;
  /** In the order in which the requests came. */
  readonly exchanges: readonly Exchange[];
}

/** One request and all that came of it. */
export interface Exchange {
  readonly request: RecordedRequest;
  /** The request failed, or was left, before there was a connection. */
  readonly connected?: false;
  /** Absent where no answer began. */
  readonly response?: RecordedResponse;
  readonly end: RecordedEnd;
}

/** What is compared: method, path and body. The headers are there to be read. */
export interface RecordedRequest {
  readonly method: string;
  /** With its query; without the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, its keys in order. */
  readonly json?: unknown;
  /** A body that is no JSON. */
  readonly text?: string;
}

export interface RecordedResponse {
  readonly atMs: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly RecordedChunk[];
}

/** A piece of the body as it came: `base64` where the bytes alone are no UTF-8, as in the middle of a character. */
export type RecordedChunk = { readonly atMs: number } & ({ readonly text: string } | { readonly base64: string });

/** `aborted`: the reader left. */
export type RecordedEnd =
  | { readonly atMs: number; readonly type: 'end' | 'aborted' }
  | { readonly atMs: number; readonly type: 'error'; readonly error: RecordedError };

/** The failure, less what only the moment could tell. */
export interface RecordedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryLimit?: number;
  readonly neverSent?: boolean;
  readonly status?: number;
}
