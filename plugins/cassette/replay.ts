import { AbortError, GenerationError } from 'scriptorium';
import type { Clock, Logger, Transport } from 'scriptorium/plugin';
import { bytesOf } from './chunks.js';
import type { RecordedError, RecordedResponse } from './exchange.js';
import { schedule } from './schedule.js';
import type { Schedule } from './schedule.js';
import type { Tape } from './tape.js';

export interface ReplayParts {
  readonly tape: Tape;
  readonly pace: 'instant' | 'recorded';
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A transport that only plays recordings and never sends anything. A request is matched when it comes, so that of equal ones
 * the first gets the first recording. A recorded failure is that failure; where the recorded reader left, it falls silent
 * until this one leaves too, by its signal or by its own timers.
 */
export function replay({ tape, pace, clock, logger }: ReplayParts): Transport {
  const waiting = new Set<() => void>();
  return {
    open: async (request, signal, monitor) => {
      if (signal.aborted) throw new AbortError();
      const { connected = true, response, end } = tape.take(request);
      const times = schedule({ clock, signal, pace, waiting });
      const finish = async (): Promise<void> => {
        await times.at(end.atMs);
        if (end.type === 'error') throw failure(end.error);
        if (end.type === 'end') return;
        logger.info('the recorded reader left here; the answer goes no further', { atMs: end.atMs });
        await times.never();
      };
      monitor.onSocket(false);
      if (connected) monitor.onConnect();
      if (response === undefined) {
        await finish();
        throw new AbortError();
      }
      await times.at(response.atMs);
      monitor.onHeaders(response.status);
      return { status: response.status, headers: new Headers(response.headers), body: play(response, times, finish) };
    },
    close: () => [...waiting].forEach((leave) => leave()),
  };
}

async function* play(
  { chunks }: RecordedResponse,
  times: Schedule,
  finish: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await times.at(chunk.atMs);
    yield bytesOf(chunk);
  }
  await finish();
}

function failure({ code, message, ...details }: RecordedError): GenerationError {
  return code === 'aborted' ? new AbortError(message, details) : new GenerationError(code, message, details);
}
