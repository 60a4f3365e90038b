import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/ports.js';
import type { SinkCounts, Stat, StatSink } from '../core/stats.js';
import { SinkFeed } from './sink-feed.js';

/** Passes every stat to all sinks, each isolated from the others. */
export class StatHub {
  /** The isolated sinks, to be flushed and closed. */
  readonly feeds: readonly SinkFeed[];

  constructor(sinks: readonly StatSink[], logger: Logger, clock: Clock) {
    this.feeds = sinks.map((sink) => new SinkFeed(sink, logger, clock));
  }

  readonly record = (stat: Stat): void => {
    freeze(stat);
    for (const feed of this.feeds) feed.record(stat);
  };

  get counts(): readonly SinkCounts[] {
    return this.feeds.map(({ counts }) => counts);
  }
}

/** Freezes a stat, which all sinks and the user's result share: mutating it throws inside the sink. */
function freeze(stat: Stat): void {
  Object.freeze(stat);
  Object.freeze(stat.usage);
  Object.freeze(stat.labels);
  if (stat.type === 'generation-end') Object.freeze(stat.cost);
  if (stat.type === 'attempt-reconciled') Object.freeze(stat.replaces);
}
