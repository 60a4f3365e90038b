import type { Clock } from '../../core/clock.js';
import type { DayRecord } from './day-record.js';
import { withUses } from './recent-uses.js';
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

  /** Adds the uses of this process to a record. */
  noted(record: DayRecord): DayRecord {
    if (!this.isLimited) return record;
    const { process, log, clock } = this.parts;
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    const own = { process, uses: log.uses(monotonic, now - monotonic) };
    return { ...record, recent: withUses(record.recent ?? {}, own, now) };
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
    for (const process of this.known.keys()) if (!Object.hasOwn(recent, process)) this.known.delete(process);
    for (const [process, uses] of Object.entries(recent)) {
      const stored = JSON.stringify(uses);
      if (process === own || this.known.get(process)?.stored === stored) continue;
      const timeOf = ({ at }: Use): number => (hasJumped ? now : Math.min(at - aheadMs, now));
      this.known.set(process, { stored, uses: uses.map((use) => ({ ...use, at: timeOf(use) })) });
    }
    this.others = [...this.known.values()].flatMap(({ uses }) => uses);
  }
}
