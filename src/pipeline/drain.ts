import { LONGEST_TIMER_MS } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { withinTime } from '../core/util/within-time.js';

/** The generations and look-ups that ran when a pipeline was drained, by their end. */
export interface DrainResult {
  /** They ended by themselves, in whichever way. */
  readonly finished: number;
  /** The time was up, or `dispose()` was called. */
  readonly aborted: number;
}

/** The parts of `drain`. */
export interface DrainParts {
  readonly lifetime: { drain(): Promise<void>; readonly drained: DrainResult };
  readonly clock: Clock;
  readonly dispose: () => Promise<void>;
}

/** Waits for running work up to `ms`, then disposes. */
export async function drain(ms: number, { lifetime, clock, dispose }: DrainParts): Promise<DrainResult> {
  await withinTime(lifetime.drain(), { clock, ms, otherwise: undefined });
  await dispose();
  return lifetime.drained;
}

/** @throws GenerationError `invalid-input` if `ms` is not a duration that Node can time */
export function assertDuration(ms: number): void {
  if (!(ms >= 0 && ms <= LONGEST_TIMER_MS))
    throw new GenerationError(
      'invalid-input',
      `drain() was called with ${String(ms)}. Give it milliseconds, from 0 to ${LONGEST_TIMER_MS}.`,
    );
}
