import type { GenerationInfo } from '../core/catalogue.js';
import type { Clock } from '../core/clock.js';
import { GenerationError } from '../core/errors/generation-error.js';

export interface AskUntilKnownParts {
  readonly ask: () => Promise<GenerationInfo | undefined> | undefined;
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** A vendor knows an answer some seconds after its end only. */
const ASKED_AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000];

/** Asks about an answer, and again while the vendor does not know it, five times at the most. @throws `not-found` */
export async function askUntilKnown(id: string, { ask, clock, signal }: AskUntilKnownParts): Promise<GenerationInfo> {
  for (const delayMs of [0, ...ASKED_AGAIN_AFTER_MS]) {
    if (delayMs > 0) await pause(delayMs, clock, signal);
    const known = await ask();
    if (known !== undefined) return known;
  }
  throw new GenerationError('not-found', `The provider does not know the answer "${id}", asked ${ASKED_AGAIN_AFTER_MS.length + 1} times in 15 s. Check the id (responseId of an attempt); one that was broken off may take longer.`, { status: 404 });
}

/** Whoever has ended it waits for nothing any more. */
function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(ms, () => {
      signal.removeEventListener('abort', leave);
      resolve();
    });
    const leave = (): void => {
      cancel();
      reject(new GenerationError('aborted', 'The pipeline has been disposed.'));
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  });
}
