import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/errors/classify.js';
import type { StatSink } from '../core/stats.js';
import { Disposer } from '../core/util/disposer.js';
import { withinTime } from '../core/util/within-time.js';

/** Maximum duration of each flush and close. */
const CLOSING_MS = 5_000;

/**
 * Flushes and closes sinks in reverse order.
 * @throws AggregateError with all failures, after all sinks have been closed
 */
export function closeSinks(sinks: readonly StatSink[], clock: Clock): Promise<void> {
  const disposer = new Disposer();
  const run = (sink: StatSink, what: 'flush' | 'close') => async (): Promise<void> => {
    const done = (async () => {
      await sink[what]?.();
      return true;
    })();
    const isDone = await withinTime(done, { clock, ms: CLOSING_MS, otherwise: false }).catch((error: unknown) => {
      throw new Error(`stat sink "${sink.name}" failed to ${what}: ${reasonOf(error)}`, { cause: error });
    });
    if (!isDone) throw new Error(`stat sink "${sink.name}" did not ${what} within ${CLOSING_MS / 1000} s`);
  };
  for (const sink of sinks) {
    disposer.add(run(sink, 'close'), { ms: 0 });
    disposer.add(run(sink, 'flush'), { ms: 0 });
  }
  return disposer.dispose();
}
