import { createParser } from 'eventsource-parser';
import { GenerationError } from '../core/errors/generation-error.js';

/** The data of one event, and whether the stream ended before the blank line that should close it. */
export type OnData = (data: string, isUnterminated: boolean) => void;

export interface SseReader {
  /** Bytes as they come; they may be split anywhere, also inside a character. */
  push(bytes: Uint8Array): void;
  /** The bytes have ended. A last event without its blank line is handed over, marked as such. */
  end(): void;
}

/**
 * Reads server-sent events by the WHATWG's rules. Comments, ids, `retry:` and unknown fields and event types are
 * passed over: only data counts.
 * @param maxEventCharacters where one event grows beyond it, `push` throws `buffer-limit`
 */
export function sseReader(onData: OnData, maxEventCharacters: number): SseReader {
  const decoder = new TextDecoder();
  const withLineFeeds = lineFeeds();
  let isEnding = false;
  let overflow: GenerationError | undefined;
  const parser = createParser({
    onEvent: ({ data }) => onData(data, isEnding),
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

/**
 * Makes every line end in LF. The parser holds a CR at the end of a piece back until it knows what follows, and with it
 * the event that it closes; here it ends its line at once, and an LF that follows is dropped.
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
    `One event of the stream is longer than ${limit} characters; the connection was closed.`,
  );
}
