import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/ports.js';
import type { SinkCounts, Stat, StatSink } from '../core/stats.js';
import { SinkFeed } from './sink-feed.js';

/** Fans every stat out to the sinks, each behind a fence of its own. */
export class StatHub {
  /** The sinks as they are to be flushed and closed. */
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

/** The user's result holds the same usage, and every sink gets the same stat: who changes one throws, behind its fence. */
function freeze(stat: Stat): void {
  Object.freeze(stat);
  Object.freeze(stat.usage);
  Object.freeze(stat.labels);
  if (stat.type === 'generation-end') Object.freeze(stat.cost);
  if (stat.type === 'attempt-reconciled') Object.freeze(stat.replaces);
}
