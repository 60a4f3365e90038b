import type { WireError } from './errors.js';

/**
 * A misbehaviour of the server, for one request: at most one misdeed, and any of the extras. Plain data; a misdeed is known by its
 * first key:
 *
 *     { status: 503, headers: { 'retry-after': '2' } }
 *     { reset: { afterDeltas: 3 }, delayMs: 20 }
 *     { noUsage: true }
 *
 * It applies to streamed and whole answers alike: "after N deltas" of a JSON answer is the place in its body where the text of the
 * first N deltas ends.
 */
export type Fault = FaultExtras & (OneOf<Misdeed> | None<Misdeed>);

/** Additions to any fault. They may stand alone: the answer is whole nevertheless. */
export interface FaultExtras {
  /** Waits so long before anything is answered. */
  readonly delayMs?: number;
  /** Sent with whatever is answered; they replace the emulator's own of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Tells the client nothing of usage and cost. */
  readonly noUsage?: boolean;
  /** A token cap of the vendor's own: the answer ends properly after so many tokens, with `length`. */
  readonly capTokens?: number;
  /** The finish reason that the answer ends with, in place of its own. */
  readonly finishReason?: string;
  /** Falls silent in the middle of a stream, and goes on after so many milliseconds. */
  readonly lull?: AfterDeltas & { readonly ms: number };
  /** Answers a request for a stream with a whole JSON body. */
  readonly noStream?: true;
  /** Puts something into a stream, which goes on after it. A JSON answer is left as it is. */
  readonly insert?: Insertion;
  /** Ends a stream without `[DONE]`. */
  readonly noDone?: true;
}

/** Bytes of a stream that are not the model's, and where they come. */
export interface Insertion {
  readonly at: Exclude<Place, 'before-headers'>;
  /** Written as it is: whole events, with their blank lines. */
  readonly text: string;
}

/**
 * Where in an answer something happens: for a JSON body `after-finish` is before its last character, and there is no
 * `after-done`. In a shorter answer, at its end.
 */
export type Place = 'before-headers' | 'after-headers' | AfterDeltas | 'after-finish' | 'after-done';

/** After so many deltas of content. (`after-finish` comes later: after the `finish_reason`, before usage and `[DONE]`.) */
export interface AfterDeltas {
  readonly afterDeltas: number;
}

/** Every misdeed. */
export type Misdeed = Reply | Html | Stall | Reset | HangUp | Truncate | Garbage | ErrorChunk | Empty;

/** Answers this instead: an object is sent as JSON, a string as it is; by default an error envelope with the status and its text. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** The body never ends. */
  readonly isEndless?: true;
}

/** Answers an HTML page with status 200, as captive portals do; `true` for a page of the emulator's own. */
export interface Html {
  readonly html: string | true;
}

/** Falls silent until the client leaves. */
export interface Stall {
  readonly stall: Place;
  /** Only the model falls silent: keep-alive comments go on (in a stream that has begun). */
  readonly keepAlive?: boolean;
}

/** Resets the connection (TCP RST). */
export interface Reset {
  readonly reset: Place;
}

/** Closes the connection (FIN) in the middle of an answer, without the end that HTTP promised. */
export interface HangUp {
  readonly fin: Place;
}

/**
 * Ends the answer as HTTP demands, but too early: no `finish_reason`, or (`after-finish`) no usage; in a stream with or
 * without `[DONE]`, in JSON a cut body.
 */
export interface Truncate {
  readonly truncate: 'after-headers' | AfterDeltas | 'after-finish';
  readonly done?: boolean;
}

/** Sends something that is no JSON. A stream goes on after it; a JSON body ends with it. */
export interface Garbage {
  readonly garbage: AfterDeltas;
  /** The data of the event; by default a chunk cut in two. */
  readonly data?: string;
}

/** Ends the answer with an error after status 200. */
export interface ErrorChunk {
  readonly errorChunk: AfterDeltas;
  /** By default a 502 of the provider. */
  readonly error?: WireError;
  /** Where the error stands: at the top level of the chunk or body (default), or in its choice. */
  readonly errorIn?: 'top' | 'choice';
  /** The chunk carries the usage up to there. */
  readonly withUsage?: boolean;
  /** `[DONE]` follows. */
  readonly done?: boolean;
}

/** Stops at once, properly, with no content and a usage of zero. */
export interface Empty {
  readonly empty: true;
}

/** One member of a union of objects, and nothing of the others. */
type OneOf<Union, Key extends PropertyKey = KeyOf<Union>> = Union extends unknown
  ? Union & { readonly [Other in Exclude<Key, keyof Union>]?: never }
  : never;
type None<Union> = { readonly [Key in KeyOf<Union>]?: never };
type KeyOf<Union> = Union extends unknown ? keyof Union : never;
