import { createParser } from 'eventsource-parser';
import { GenerationError } from '../core/errors/generation-error.js';

/** Receives the data of one event, and whether the stream ended before the blank line that should close it. */
export type OnData = (data: string, isUnterminated: boolean) => void;

/** A push parser for server-sent events. */
export interface SseReader {
  /** Adds bytes, which may be split anywhere, even inside a character. */
  push(bytes: Uint8Array): void;
  /** Ends the input. A last event without its blank line is emitted, marked as unterminated. */
  end(): void;
}

/**
 * Parses server-sent events by the WHATWG's rules. Only data is emitted; comments, ids, `retry:`, unknown fields and
 * event types are ignored. The words of an event of type `error` are emitted as `{ "error": { "message": … } }`.
 * @param maxEventCharacters `push` throws `buffer-limit` for a longer event
 */
export function sseReader(onData: OnData, maxEventCharacters: number): SseReader {
  const decoder = new TextDecoder();
  const withLineFeeds = lineFeeds();
  let isEnding = false;
  let overflow: GenerationError | undefined;
  const parser = createParser({
    onEvent: ({ data, event }) => onData(event === 'error' ? asErrorObject(data) : data, isEnding),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') overflow = eventTooLong(maxEventCharacters);
    },
    maxBufferSize: maxEventCharacters,
  });
  const feed = (text: string): void => {
    parser.feed(withLineFeeds(text));
    if (overflow !== undefined) throw overflow;
  };
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => {
      isEnding = true;
      feed(`${decoder.decode()}\n\n`);
    },
  };
}

function asErrorObject(data: string): string {
  return data.trimStart().startsWith('{') ? data : JSON.stringify({ error: { message: data } });
}

/**
 * Converts all line ends to LF. The parser holds back a CR at the end of a chunk, and with it the event that it closes,
 * until the next chunk. Here a CR ends its line at once, and an LF that follows is dropped.
 */
function lineFeeds(): (text: string) => string {
  let endedInReturn = false;
  return (text) => {
    if (text === '') return text;
    const rest = endedInReturn && text.startsWith('\n') ? text.slice(1) : text;
    endedInReturn = text.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  };
}

function eventTooLong(limit: number): GenerationError {
  return new GenerationError(
    'buffer-limit',
    `One event of the stream is longer than ${limit} characters. The connection was closed.`,
  );
}
