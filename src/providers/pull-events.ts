import type { Clock } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import type { Backpressure } from '../core/util/backpressure.js';
import type { AttemptMonitor } from '../core/monitor.js';
import { withinTime } from '../core/util/within-time.js';
import { sseReader } from '../transport/sse.js';
import type { Answer } from './answer.js';

export interface PullParts {
  readonly body: AsyncIterable<Uint8Array>;
  readonly answer: Answer;
  readonly monitor: AttemptMonitor;
  readonly clock: Clock;
  /** Awaited before each read. */
  readonly backpressure: Backpressure;
  readonly maxEventCharacters: number;
  /** Called when the answer is complete and its socket may serve again. */
  readonly finish: () => void;
}

/** How long a stream that is whole may take to say what it cost, and to come to its terminator. */
const LAST_WORDS_MS = 2_000;
/** How long a finished stream may take to close, so that its socket can be used again. */
const LINGER_MS = 1_000;

/**
 * The pull loop: reads a chunk, hands on the events in it, reads the next. Ends the answer with its terminator, without
 * waiting for the end of the bytes. Once the vendor has called the answer whole, a connection that breaks or falls silent
 * is only a warning; an error that the vendor itself reports is one still.
 * @returns whether the bytes have ended too, so that the socket is free; if not, it must be closed
 */
export async function pullEvents(parts: PullParts): Promise<boolean> {
  const { body, answer, monitor, backpressure, clock } = parts;
  const progress = { isClosed: false, isRead: false };
  const reader = sseReader((data, isUnterminated) => {
    if (progress.isClosed) return;
    if (isUnterminated) answer.takeLast(data);
    else progress.isClosed = answer.take(data);
  }, parts.maxEventCharacters);
  const iterator = body[Symbol.asyncIterator]();
  while (!progress.isClosed && !progress.isRead) {
    if (backpressure.isPaused) await backpressure.ready();
    const next = await read(iterator, answer, clock);
    if (next === 'given-up') break;
    if (next.done === true) {
      progress.isRead = true;
      reader.end();
    } else {
      monitor.onBytes(next.value.length);
      reader.push(next.value);
    }
  }
  parts.finish();
  answer.end();
  return progress.isRead || (progress.isClosed && hasEnded(iterator, clock));
}

/** The next bytes. Of an answer that is whole, what cannot be read any more is given up. */
async function read(
  iterator: AsyncIterator<Uint8Array>,
  answer: Answer,
  clock: Clock,
): Promise<IteratorResult<Uint8Array> | 'given-up'> {
  const reading = iterator.next();
  if (!answer.isWhole()) return reading;
  const attempted = reading.catch((error: unknown) => {
    answer.warn(`The connection broke after the answer was whole: ${toGenerationError(error).message}`);
    return 'given-up' as const;
  });
  return withinTime(attempted, { clock, ms: LAST_WORDS_MS, otherwise: 'given-up' });
}

/** After the terminator there should be nothing: a stream that says more, or does not close soon, is given up. */
async function hasEnded(iterator: AsyncIterator<Uint8Array>, clock: Clock): Promise<boolean> {
  const rest = iterator.next().then(
    ({ done }) => done === true,
    () => false,
  );
  return withinTime(rest, { clock, ms: LINGER_MS, otherwise: false });
}
