import type { Clock } from '../../core/clock.js';
import type { DayRecord } from './day-record.js';
import { KEPT_MS, SLACK_MS } from './recent-uses.js';
import type { RecentUses, Use } from './recent-uses.js';
import type { UseLog } from './use-log.js';

/** The wall clock was set if it moves away from the monotonic one by more, or the machine was suspended. */
const JUMP_MS = 1_000;

interface Known {
  readonly stored: string;
  /** By this process's monotonic clock. */
  readonly uses: readonly Use[];
}

/** What a process shares with the others at one state store. */
export interface SharedUsesParts {
  /** The name of this process at the store. */
  readonly process: string;
  readonly clock: Clock;
  /** What this process sends. */
  readonly log: UseLog;
  /** Whether anything is limited by the minute, so that uses matter. */
  readonly isLimited: () => boolean;
  /** Whether a request that was admitted still fits, after the uses of others have changed. */
  readonly fits: () => boolean;
}

/** The uses of one limit key that the processes of a state store have in common. */
export class SharedUses {
  /** The uses of other processes, by this process's monotonic clock. */
  others: readonly Use[] = [];
  private readonly known = new Map<string, Known>();
  private aheadMs: number | undefined;

  constructor(private readonly parts: SharedUsesParts) {}

  get isLimited(): boolean {
    return this.parts.isLimited();
  }

  /** Whether the request still fits, with the uses that the store has. */
  fits(record: DayRecord): boolean {
    if (!this.isLimited) return true;
    this.read(record.recent ?? {});
    return this.parts.fits();
  }

  /** A record with what this process and the others have sent of late, by the clock of now. */
  noted(record: DayRecord): DayRecord {
    if (!this.isLimited) return record;
    this.read(record.recent ?? {});
    const { process, log, clock } = this.parts;
    const now = clock.monotonic();
    const aheadMs = clock.now() - now;
    const others = [...this.known].flatMap(([name, { uses }]) =>
      uses.length === 0 ? [] : [[name, uses.map((use) => ({ ...use, at: use.at + aheadMs }))] as const],
    );
    // Without any, too: others would go on with those that they know.
    return { ...record, recent: Object.fromEntries([...others, [process, log.uses(now, aheadMs)]]) };
  }

  /**
   * Uses that were known before keep their time, so a clock that is set makes them neither older nor younger. Those that
   * come with a jump of the clock count as sent just now.
   */
  private read(recent: RecentUses): void {
    const { clock, process: own } = this.parts;
    const now = clock.monotonic();
    const aheadMs = clock.now() - now;
    const hasJumped = this.aheadMs !== undefined && Math.abs(aheadMs - this.aheadMs) > JUMP_MS;
    this.aheadMs = aheadMs;
    for (const [process, uses] of Object.entries(recent)) {
      const stored = JSON.stringify(uses);
      if (process === own || this.known.get(process)?.stored === stored) continue;
      const timeOf = ({ at }: Use): number => (hasJumped ? now + SLACK_MS : Math.min(at - aheadMs, now + SLACK_MS));
      this.known.set(process, { stored, uses: uses.map((use) => ({ ...use, at: timeOf(use) })) });
    }
    this.forget(now);
    this.others = [...this.known.values()].flatMap(({ uses }) => uses);
  }

  private forget(now: number): void {
    for (const [process, { stored, uses }] of this.known) {
      const recent = uses.filter(({ at }) => at + KEPT_MS > now);
      if (recent.length === 0) this.known.delete(process);
      else this.known.set(process, { stored, uses: recent });
    }
  }
}
