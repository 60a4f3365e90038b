import { BehaviorSubject, map } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../core/clock.js';
import type { GenerationStat, Stat } from '../core/stats.js';
import { Group } from './group.js';
import type { GroupSnapshot } from './group.js';
import type { RecentError, UsageMeter, UsageSnapshot } from './usage-meter.js';

const MOST_ERRORS = 20;
/** Maximum number of models, and of values per label; further ones share the group "(other)". */
const MOST_GROUPS = 200;
/** Maximum number of label names; further ones share the name "(other)". */
const MOST_LABELS = 50;
/** Maximum number of values of all labels. Each group keeps two histograms, some 50 KB. */
const MOST_VALUES = 1_000;
const OTHER = '(other)';

/**
 * Statistics without any generation.
 * @param startedAt epoch milliseconds
 */
export function emptySnapshot(startedAt: number): UsageSnapshot {
  return {
    ...new Group().snapshot(),
    byModel: {},
    byLabel: {},
    recentErrors: [],
    startTime: new Date(startedAt).toISOString(),
  };
}

/** The default usage meter behind `pipeline.stats()`. */
export class UsageStats implements UsageMeter {
  readonly name = 'usage-stats';
  private readonly changes = new BehaviorSubject<void>(undefined);
  private all = new Group();
  private models = new Map<string, Group>();
  private labels = new Map<string, Map<string, Group>>();
  private errors: RecentError[] = [];
  private startedAt: number;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.now();
  }

  /** Emits the current totals, then new ones after every generation and reconciliation. Computed per subscriber. */
  get snapshots$(): Observable<UsageSnapshot> {
    return this.changes.pipe(map(() => this.snapshot()));
  }

  snapshot(): UsageSnapshot {
    return {
      ...this.all.snapshot(),
      byModel: snapshots(this.models),
      byLabel: Object.fromEntries([...this.labels].map(([name, groups]) => [name, snapshots(groups)])),
      recentErrors: [...this.errors],
      startTime: new Date(this.startedAt).toISOString(),
    };
  }

  record(stat: Stat): void {
    // Its estimate was counted before the reset, so there is nothing to replace.
    if (stat.type === 'attempt-reconciled' && stat.endedAt < this.startedAt) return;
    for (const group of this.groupsOf(stat)) group.add(stat);
    if (stat.type === 'attempt-end') return;
    if (stat.type === 'generation-end' && stat.outcome === 'error') this.rememberError(stat);
    this.changes.next();
  }

  reset(): void {
    this.all = new Group();
    this.models = new Map();
    this.labels = new Map();
    this.errors = [];
    this.startedAt = this.clock.now();
    this.changes.next();
  }

  close(): Promise<void> {
    this.changes.complete();
    return Promise.resolve();
  }

  private groupsOf({ model, labels }: Stat): readonly Group[] {
    const labelled = Object.entries(labels).map(([wanted, value]) => {
      const name = this.labels.has(wanted) || this.labels.size < MOST_LABELS ? wanted : OTHER;
      const groups = this.labels.get(name) ?? new Map<string, Group>();
      this.labels.set(name, groups);
      return groupIn(groups, name === wanted && (groups.has(value) || this.values < MOST_VALUES) ? value : OTHER);
    });
    return [this.all, groupIn(this.models, model), ...new Set(labelled)];
  }

  private get values(): number {
    return [...this.labels.values()].reduce((sum, { size }) => sum + size, 0);
  }

  private rememberError({
    generationId,
    provider,
    model,
    errorCode = 'internal',
    errorMessage = '',
  }: GenerationStat): void {
    const at = new Date(this.clock.now()).toISOString();
    this.errors = [
      ...this.errors.slice(1 - MOST_ERRORS),
      { at, generationId, provider, model, code: errorCode, message: errorMessage },
    ];
  }
}

function groupIn(groups: Map<string, Group>, wanted: string): Group {
  const name = groups.has(wanted) || groups.size < MOST_GROUPS ? wanted : OTHER;
  const group = groups.get(name) ?? new Group();
  groups.set(name, group);
  return group;
}

function snapshots(groups: ReadonlyMap<string, Group>): Readonly<Record<string, GroupSnapshot>> {
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.snapshot()]));
}
