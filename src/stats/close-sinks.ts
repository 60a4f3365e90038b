import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/errors/classify.js';
import type { StatSink } from '../core/stats.js';
import { Disposer } from '../core/util/disposer.js';

/**
 * Flushes and closes sinks in reverse order.
 * @throws AggregateError with all failures, after all sinks have been closed
 */
export function closeSinks(sinks: readonly StatSink[], clock: Clock): Promise<void> {
  const disposer = new Disposer();
  const run = (sink: StatSink, what: 'flush' | 'close') => async (): Promise<void> => {
    try {
      await sink[what]?.();
    } catch (error) {
      throw new Error(`stat sink "${sink.name}" failed to ${what}: ${reasonOf(error)}`, { cause: error });
    }
  };
  for (const sink of sinks)
    for (const verb of ['close', 'flush'] as const)
      disposer.add(run(sink, verb), { name: `stat sink "${sink.name}"`, verb });
  return disposer.dispose(clock);
}
