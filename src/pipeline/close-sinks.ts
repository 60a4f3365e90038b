import type { StatSink } from '../core/stats.js';
import { Disposer } from './disposer.js';

/** Flushes and closes sinks, the last one first. @throws AggregateError with all failures, after everything has run */
export function closeSinks(sinks: readonly StatSink[]): Promise<void> {
  const disposer = new Disposer();
  for (const sink of sinks) {
    disposer.add(() => sink.close?.());
    disposer.add(() => sink.flush?.());
  }
  return disposer.dispose();
}
