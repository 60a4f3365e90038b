import type { GenerationStat, Stat } from '../core/stats.js';
import { Durations } from './percentiles.js';
import type { Percentiles } from './percentiles.js';
import { addAttempt, addGeneration, addReconciled, NO_TOTALS } from './totals.js';
import type { Totals } from './totals.js';

/** The totals of a group, with its latency percentiles. */
export interface GroupSnapshot extends Totals {
  /** Latency of successful generations, in milliseconds. */
  readonly latencyMs: Percentiles;
  readonly timeToFirstTokenMs: Percentiles;
}

/** Running totals of one set of stats: all, one model's, or those of one label's value. */
export class Group {
  private totals = NO_TOTALS;
  private readonly latency = new Durations();
  private readonly firstToken = new Durations();

  add(stat: Stat): void {
    switch (stat.type) {
      case 'attempt-end':
        this.totals = addAttempt(this.totals, stat);
        break;
      case 'attempt-reconciled':
        this.totals = addReconciled(this.totals, stat);
        break;
      case 'generation-end':
        this.addGeneration(stat);
        break;
    }
  }

  snapshot(): GroupSnapshot {
    return { ...this.totals, latencyMs: this.latency.percentiles(), timeToFirstTokenMs: this.firstToken.percentiles() };
  }

  private addGeneration(stat: GenerationStat): void {
    this.totals = addGeneration(this.totals, stat);
    if (stat.outcome !== 'success') return;
    this.latency.add(stat.latencyMs);
    if (stat.timeToFirstTokenMs !== undefined) this.firstToken.add(stat.timeToFirstTokenMs);
  }
}
