import type { Subscriber } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { AttemptMonitor } from '../core/monitor.js';
import { parseJson } from '../core/outside/json.js';
import type { AnswerReader, Codec, Emit } from './codec.js';
import { tooLarge } from './no-answer.js';

/** Passes the events of one answer to the subscriber. */
export interface Answer {
  /** Reads one JSON text. Returns true once the vendor has closed the answer or the subscriber has left. */
  take(data: string): boolean;
  /** Reads the last event of a stream that ended before closing it. Ignores incomplete JSON. */
  takeLast(data: string): void;
  /**
   * Reads an answer that is not streamed.
   * @throws GenerationError `truncated` if the JSON is cut off
   */
  takeBody(body: string): void;
  isWhole(): boolean;
  /** Reports a harmless problem in the log. */
  warn(message: string): void;
  /**
   * Ends the stream.
   * @throws GenerationError if the answer is incomplete or empty
   */
  end(): void;
}

/** The codec and reader of an answer, and its recipients. */
export interface AnswerParts {
  readonly codec: Codec;
  readonly reader: AnswerReader;
  readonly monitor: AttemptMonitor;
  readonly subscriber: Subscriber<GenerationEvent>;
}

/** Creates the `Answer` that feeds a codec's reader and reports content to the monitor. */
export function answerFrom({ codec, reader, monitor, subscriber }: AnswerParts): Answer {
  const emit = (event: GenerationEvent): void => subscriber.next(event);
  const warn = (message: string): void => emit({ type: 'warning', message });
  const isLeft = (): boolean => subscriber.closed;
  const reportContent = (hadContent: boolean): boolean => {
    // A subscriber that left on this content has stopped the timers; reporting it would set them again.
    if (hadContent && !isLeft()) monitor.onContent();
    return isLeft() || reader.isClosed?.() === true;
  };
  const take = (data: string): boolean => {
    if (isLeft()) return true;
    const hadContent = reader.readUnparsed?.(data, emit);
    if (hadContent !== undefined) return reportContent(hadContent);
    if (data === codec.terminator) {
      reader.terminated?.();
      return true;
    }
    if (reader.isWhole() && !isJson(data)) {
      warn('Received data that is not JSON after the answer was complete.');
      return false;
    }
    return reportContent(reader.read(parse(data), emit, data));
  };
  return {
    take,
    takeLast: (data) => {
      if (data === codec.terminator || isJson(data)) take(data);
    },
    takeBody: (body) => {
      if (!isLeft()) reportContent(readBody(reader, body, emit));
    },
    isWhole: () => reader.isWhole(),
    warn,
    end: () => {
      const end = reader.end(emit);
      subscriber.next(end);
      subscriber.complete();
    },
  };
}

/** A body has no terminator, but ends as a stream with one. */
function readBody(reader: AnswerReader, body: string, emit: Emit): boolean {
  reader.expectBody?.();
  const hadContent = reader.read(parse(body, body.trimStart().startsWith('{') ? brokenOff : noJson), emit);
  reader.terminated?.();
  return hadContent;
}

function parse(data: string, otherwise = noJson): unknown {
  try {
    return parseJson(data);
  } catch (error) {
    throw error instanceof RangeError ? tooLarge() : otherwise(data);
  }
}

/** The message omits the text, which is the model's. */
function noJson({ length }: string): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The server sent data that is not valid JSON (${length} characters).`,
    {
      retryable: true,
      retryLimit: 1,
    },
  );
}

/** A proxy that lost the rest closes the body normally. */
function brokenOff({ length }: string): GenerationError {
  return new GenerationError('truncated', `The JSON answer was cut off after ${length} characters.`, {
    retryable: true,
  });
}

function isJson(data: string): boolean {
  try {
    parseJson(data);
    return true;
  } catch {
    return false;
  }
}
