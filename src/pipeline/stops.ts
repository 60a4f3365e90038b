import type { Cancel, Clock } from '../core/clock.js';
import { TimeoutError } from '../core/errors/classes.js';
import type { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationInput } from '../input/generation-input.js';
import { onAbort } from './lifetime.js';
import type { Lifetime } from './lifetime.js';

/** Returns what ends a part of the work of several generations: the end of the pipeline, the input's signal, its deadline from now on. */
export function stopsOf(
  { signal, deadlineMs }: Pick<GenerationInput, 'signal' | 'deadlineMs'>,
  lifetime: Lifetime,
  clock: Clock,
): (stop: (error: GenerationError) => void) => Cancel {
  const startedAt = clock.monotonic();
  return (stop) => {
    const cancels = [lifetime.onEndOfPart(stop)];
    if (signal instanceof AbortSignal) cancels.push(onAbort(signal, stop));
    if (deadlineMs !== undefined) {
      const leftMs = Math.max(startedAt + deadlineMs - clock.monotonic(), 0);
      cancels.push(clock.setTimer(leftMs, () => stop(expired(deadlineMs))));
    }
    return () => {
      for (const cancel of cancels) cancel();
    };
  };
}

function expired(deadlineMs: number): TimeoutError {
  return new TimeoutError('deadline', `The object was not finished within its deadline of ${deadlineMs} ms.`);
}
