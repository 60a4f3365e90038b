import type { Clock } from 'scriptorium/plugin';
import type { RedisScript } from '../scripts.js';
import type { KnownKey } from './known-limits.js';

/** The arguments of a report that is made so many milliseconds late. */
export type LateArgs = (lateMs: number) => readonly (string | number)[];

/** A report to the store that has not been made. */
interface Report {
  readonly script: RedisScript;
  readonly keys: readonly KnownKey[];
  readonly args: LateArgs;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** Dependencies of `Reports`. */
export interface ReportsParts {
  readonly clock: Clock;
  readonly hasJoined: () => boolean;
  readonly run: (
    script: RedisScript,
    keys: readonly KnownKey[],
    args: readonly (string | number)[],
  ) => Promise<unknown>;
}

/** Reports to the store in the background. Those that it does not get are made again when the worker has joined. */
export class Reports {
  private waiting: Report[] = [];

  constructor(private readonly parts: ReportsParts) {}

  readonly add = (script: RedisScript, keys: readonly KnownKey[], args: LateArgs): void => {
    const report: Report = { script, keys, args, at: this.parts.clock.monotonic() };
    if (this.parts.hasJoined()) void this.make(report);
    else this.waiting.push(report);
  };

  /** Makes the reports that wait. Resolves when they are made, or wait again. */
  async flush(): Promise<void> {
    const reports = this.waiting;
    this.waiting = [];
    await Promise.all(reports.map((report) => this.make(report)));
  }

  private make(report: Report): Promise<unknown> {
    const { script, keys, args, at } = report;
    const lateMs = Math.round(this.parts.clock.monotonic() - at);
    return this.parts.run(script, keys, args(lateMs)).catch(() => this.waiting.push(report));
  }
}
