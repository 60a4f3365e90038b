import type { Subscriber } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import { WARNING } from '../core/events.js';
import type { GenerationEvent } from '../core/events.js';
import type { AttemptMonitor } from '../core/monitor.js';
import type { AnswerReader, Codec } from './codec.js';

/** One answer on its way from JSON texts to the subscriber. */
export interface Answer {
  /** Reads one JSON text. True once the vendor has closed the answer, or nobody listens any more. */
  take(data: string): boolean;
  /** The stream ended before this event was closed: it is used if it is whole JSON, and else passed over. */
  takeLast(data: string): void;
  /** Reads a whole answer that is no stream. @throws GenerationError `truncated` where the JSON breaks off */
  takeBody(body: string): void;
  isWhole(): boolean;
  /** Tells what went wrong without harm; the log shows it. */
  warn(message: string): void;
  /** Ends the stream. @throws what the reader says against it */
  end(): void;
}

export interface AnswerParts {
  readonly codec: Codec;
  readonly reader: AnswerReader;
  readonly monitor: AttemptMonitor;
  readonly subscriber: Subscriber<GenerationEvent>;
}

export function answerFrom({ codec, reader, monitor, subscriber }: AnswerParts): Answer {
  const emit = (event: GenerationEvent): void => subscriber.next(event);
  const warn = (message: string): void => emit({ type: 'custom', name: WARNING, payload: message });
  const isLeft = (): boolean => subscriber.closed;
  const goOn = (hadContent: boolean): boolean => {
    // Whoever left on hearing this content has stopped the timers; news of it would set them again.
    if (hadContent && !isLeft()) monitor.onContent();
    return isLeft() || reader.isClosed?.() === true;
  };
  const take = (data: string): boolean => {
    if (isLeft()) return true;
    const hadContent = reader.readUnparsed?.(data, emit);
    if (hadContent !== undefined) return goOn(hadContent);
    if (data === codec.terminator) {
      reader.terminated?.();
      return true;
    }
    if (reader.isWhole() && !isJson(data)) {
      warn('Something that is no JSON came after the answer was whole.');
      return false;
    }
    return goOn(reader.read(parse(data), emit, data));
  };
  return {
    take,
    takeLast: (data) => {
      if (isJson(data)) take(data);
    },
    takeBody: (body) => {
      if (!isLeft()) goOn(reader.read(parse(body, body.trimStart().startsWith('{') ? brokenOff : noJson), emit));
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

function parse(data: string, otherwise = noJson): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw otherwise(data);
  }
}

/** The text itself goes into no message: it is the model's. */
function noJson({ length }: string): GenerationError {
  return new GenerationError('malformed-answer', `The server sent something that is no JSON (${length} characters).`, {
    retryable: true,
    retryLimit: 1,
  });
}

/** A proxy that lost the rest closes the body as if it were whole. */
function brokenOff({ length }: string): GenerationError {
  return new GenerationError('truncated', `The answer broke off after ${length} characters of JSON.`, {
    retryable: true,
  });
}

function isJson(data: string): boolean {
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}
