import type { Cancel, Clock } from '../core/clock.js';
import type { LateUsage, RecordStat, ReportUsage } from '../core/ports.js';
import type { AttemptStat, Stat, StatSink } from '../core/stats.js';
import type { Usage } from '../core/usage.js';

/** Dependencies of `Reconciler`. */
export interface ReconcilerParts {
  readonly clock: Clock;
  readonly record: RecordStat;
  /** Asks the vendor for an answer's usage; undefined while it is unknown, or if the vendor cannot be asked. */
  readonly ask: (attempt: AttemptStat) => Promise<Usage | undefined>;
}

/** A vendor has the usage some seconds after the end of an answer; later if the answer broke off. */
const ASKED_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

/**
 * Asks the vendor for the usage of attempts that broke off or were cancelled, and records it as `attempt-reconciled`.
 * Never delays a generation. `flush` asks for all open attempts at once, a single time.
 * @see docs/statistics.md
 */
export class Reconciler implements StatSink, LateUsage {
  readonly name = 'reconciler';
  /** Attempts to be asked about later. */
  private readonly waiting = new Map<AttemptStat, Cancel>();
  private readonly asking = new Set<Promise<unknown>>();
  /** Those who want to know, by attempt; undefined while there is none. */
  private readonly open = new Map<string, ReportUsage | undefined>();
  private isClosed = false;

  constructor(private readonly parts: ReconcilerParts) {}

  record(stat: Stat): void {
    const isUnknown =
      stat.type === 'attempt-end' && stat.outcome !== 'success' && stat.sent && stat.usage.source !== 'reported';
    if (!isUnknown || stat.responseId === undefined || this.isClosed) return;
    this.open.set(nameOf(stat), undefined);
    this.askLater(stat, ASKED_AFTER_MS);
  }

  whenKnown(attempt: Pick<AttemptStat, 'generationId' | 'attempt'>, report: ReportUsage): boolean {
    const isOpen = this.open.has(nameOf(attempt));
    if (isOpen) this.open.set(nameOf(attempt), report);
    return isOpen;
  }

  async flush(): Promise<void> {
    const attempts = this.stopWaiting();
    for (const attempt of attempts) this.ask(attempt, []);
    await Promise.all(this.asking);
  }

  close(): Promise<void> {
    for (const attempt of this.stopWaiting()) this.report(attempt, undefined);
    return Promise.resolve();
  }

  private stopWaiting(): readonly AttemptStat[] {
    this.isClosed = true;
    const attempts = [...this.waiting.keys()];
    for (const cancel of this.waiting.values()) cancel();
    this.waiting.clear();
    return attempts;
  }

  private askLater(attempt: AttemptStat, [delayMs, ...later]: readonly number[]): void {
    if (delayMs === undefined || this.isClosed) {
      this.report(attempt, undefined);
      return;
    }
    this.waiting.set(
      attempt,
      this.parts.clock.setTimer(delayMs, () => {
        this.waiting.delete(attempt);
        this.ask(attempt, later);
      }),
    );
  }

  private ask(attempt: AttemptStat, later: readonly number[]): void {
    const asked = this.parts
      .ask(attempt)
      .catch(() => undefined)
      .then((told) => {
        const usage = told && completed(told, attempt.usage);
        if (usage === undefined) this.askLater(attempt, later);
        else this.settle(attempt, usage);
      })
      .finally(() => this.asking.delete(asked));
    this.asking.add(asked);
  }

  private report(attempt: AttemptStat, usage: Usage | undefined): void {
    const report = this.open.get(nameOf(attempt));
    this.open.delete(nameOf(attempt));
    report?.(usage);
  }

  private settle(attempt: AttemptStat, usage: Usage): void {
    this.report(attempt, usage);
    this.recordUsage(attempt, usage);
  }

  private recordUsage(
    {
      generationId,
      labels,
      attempt,
      provider,
      model,
      responseId = '',
      startedAt,
      latencyMs,
      usage: replaces,
    }: AttemptStat,
    usage: Usage,
  ): void {
    this.parts.record({
      type: 'attempt-reconciled',
      generationId,
      labels,
      attempt,
      provider,
      model,
      responseId,
      endedAt: startedAt + latencyMs,
      usage,
      replaces,
    });
  }
}

/** Completes a report without token counts by those that it replaces. Undefined if it has no cost either. */
function completed(usage: Usage, { estimatedCostUsd: _, ...replaced }: Usage): Usage | undefined {
  if (usage.source === 'reported') return usage;
  return usage.costUsd === undefined ? undefined : { ...replaced, costUsd: usage.costUsd };
}

function nameOf({ generationId, attempt }: Pick<AttemptStat, 'generationId' | 'attempt'>): string {
  return `${attempt} of ${generationId}`;
}
