import type { OutgoingHttpHeaders } from 'node:http';
import type { GenerationEvent } from 'scriptorium/plugin';
import type { ChatFailure } from 'scriptorium/provider';

/** The form in which a client gets a generation: a stream of chunks, or one JSON object. */
export interface AnswerForm {
  /** The text that keeps a connection open and means nothing. */
  readonly filler: string;
  /** The headers of a success. */
  head(): OutgoingHttpHeaders;
  /** The text to send for an event; empty if there is none yet. */
  take(event: GenerationEvent): string;
  /** The last text to send for a failure after the status line. The connection must be broken after it. */
  failure(failure: ChatFailure): string;
}

/** Headers of both forms: answers belong to one client and pass through proxies piece by piece, as they are. */
export const UNSTORED: OutgoingHttpHeaders = {
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};
