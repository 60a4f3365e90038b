import { describe, expect, it } from '@jest/globals';
import { untilStopped } from '../../../src/composites/object/until-stopped.js';
import { AbortError } from '../../../src/core/errors/classes.js';
import type { GenerationError } from '../../../src/core/errors/generation-error.js';

const STOP = new AbortError('Enough.');

/** A way to stop, and how often it was given up. */
function aStop(isAtOnce = false) {
  const seen: { cancelled: number; stop?: (error: GenerationError) => void } = { cancelled: 0 };
  const onStop = (stop: (error: GenerationError) => void) => {
    seen.stop = stop;
    if (isAtOnce) stop(STOP);
    return () => void (seen.cancelled += 1);
  };
  return { seen, onStop };
}

const outcomeOf = (result: Promise<unknown>): Promise<unknown> => result.catch((error: unknown) => error);

describe('work of others that may be stopped', () => {
  it('lets go of its timers and listeners when it is stopped, although the work hangs', async () => {
    const { seen, onStop } = aStop();
    const result = untilStopped(new Promise<never>(() => undefined), onStop);
    seen.stop?.(STOP);
    expect({ cancelled: seen.cancelled, outcome: await outcomeOf(result) }).toEqual({ cancelled: 1, outcome: STOP });
  });

  it('lets go of them when it is stopped at once, and the work fails later', async () => {
    const { seen, onStop } = aStop(true);
    const outcome = await outcomeOf(untilStopped(Promise.reject(new Error('late')), onStop));
    expect({ cancelled: seen.cancelled, outcome }).toEqual({ cancelled: 1, outcome: STOP });
  });

  it.each([
    ['its value', Promise.resolve(7), 7],
    ['nothing', Promise.resolve(undefined), undefined],
  ])('lets go of them when the work settles: with %s', async (_what, work, value) => {
    const { seen, onStop } = aStop();
    expect({ outcome: await untilStopped<unknown>(work, onStop), cancelled: seen.cancelled }).toEqual({
      outcome: value,
      cancelled: 1,
    });
  });

  it('lets go of them when the work fails', async () => {
    const { seen, onStop } = aStop();
    const torn = new Error('torn');
    const outcome = await outcomeOf(untilStopped(Promise.reject(torn), onStop));
    expect({ outcome, cancelled: seen.cancelled }).toEqual({ outcome: torn, cancelled: 1 });
  });
});
