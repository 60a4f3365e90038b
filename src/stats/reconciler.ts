import type { Cancel, Clock } from '../core/clock.js';
import type { RecordStat } from '../core/ports.js';
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
export class Reconciler implements StatSink {
  readonly name = 'reconciler';
  /** Attempts to be asked about later. */
  private readonly waiting = new Map<AttemptStat, Cancel>();
  private readonly asking = new Set<Promise<unknown>>();
  private isClosed = false;

  constructor(private readonly parts: ReconcilerParts) {}

  record(stat: Stat): void {
    const isUnknown =
      stat.type === 'attempt-end' && stat.outcome !== 'success' && stat.sent && stat.usage.source !== 'reported';
    if (isUnknown && stat.responseId !== undefined) this.askLater(stat, ASKED_AFTER_MS);
  }

  async flush(): Promise<void> {
    const attempts = [...this.waiting.keys()];
    await this.close();
    for (const attempt of attempts) this.ask(attempt, []);
    await Promise.all(this.asking);
  }

  close(): Promise<void> {
    this.isClosed = true;
    for (const cancel of this.waiting.values()) cancel();
    this.waiting.clear();
    return Promise.resolve();
  }

  private askLater(attempt: AttemptStat, [delayMs, ...later]: readonly number[]): void {
    if (delayMs === undefined || this.isClosed) return;
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

  private settle(
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
