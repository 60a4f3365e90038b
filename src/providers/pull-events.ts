import type { Clock } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import type { Connection } from '../core/provider.js';
import type { AttemptMonitor } from '../core/monitor.js';
import { withinTime } from '../core/util/within-time.js';
import { sseReader } from '../transport/sse.js';
import type { Answer } from './answer.js';

/** Input of `pullEvents`. */
export interface PullParts {
  readonly body: AsyncIterable<Uint8Array>;
  readonly answer: Answer;
  readonly monitor: AttemptMonitor;
  readonly clock: Clock;
  /** Awaited before each read. */
  readonly backpressure: Connection['backpressure'];
  readonly maxEventCharacters: number;
  /** Called when the answer is complete and its socket may serve again. */
  readonly finish: () => void;
}

/** Longest time for a complete stream to report its usage and to reach its terminator. */
const LAST_WORDS_MS = 2_000;
/** Longest time for a finished stream to close, so that its socket can be reused. */
const LINGER_MS = 1_000;

/**
 * Reads chunks and passes on their events until the terminator, without waiting for the end of the bytes. Once the
 * vendor has marked the answer as complete, a connection that breaks or falls silent only causes a warning; an error
 * that the vendor itself reports still throws.
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

/** Reads the next bytes. Once the answer is complete, a failing or late read is given up. */
async function read(
  iterator: AsyncIterator<Uint8Array>,
  answer: Answer,
  clock: Clock,
): Promise<IteratorResult<Uint8Array> | 'given-up'> {
  const reading = iterator.next();
  if (!answer.isWhole()) return reading;
  const attempted = reading.catch((error: unknown) => {
    answer.warn(`The connection broke after the answer was complete: ${toGenerationError(error).message}`);
    return 'given-up' as const;
  });
  return withinTime(attempted, { clock, ms: LAST_WORDS_MS, otherwise: 'given-up' });
}

/** Whether the stream ends right after the terminator. More data or a late close counts as not ended. */
async function hasEnded(iterator: AsyncIterator<Uint8Array>, clock: Clock): Promise<boolean> {
  const rest = iterator.next().then(
    ({ done }) => done === true,
    () => false,
  );
  return withinTime(rest, { clock, ms: LINGER_MS, otherwise: false });
}
