import type { AttemptStat, GenerationStat, Stat, StatSink } from '../core/stats.js';

/** Keeps every stat. */
export class MemorySink implements StatSink {
  readonly stats: Stat[] = [];

  constructor(readonly name = 'memory') {}

  record(stat: Stat): void {
    this.stats.push(stat);
  }

  get attempts(): readonly AttemptStat[] {
    return this.stats.filter((stat) => stat.type === 'attempt-end');
  }

  get generations(): readonly GenerationStat[] {
    return this.stats.filter((stat) => stat.type === 'generation-end');
  }
}
