import type { Clock, LimitLease, LimitUse } from 'scriptorium/plugin';
import type { RedisScript } from '../scripts.js';
import type { KnownKey } from './known-limits.js';
import { RELEASE, SENT, SETTLE } from './limit-scripts.js';

/** A request's share of one limit key. */
export interface LeaseEntry {
  readonly key: KnownKey;
  /** The tokens that are reserved, as the script has written them. */
  readonly cost: string;
  /** The day in which it is counted; -1 for none. */
  readonly day: number;
  /** How often the key had been paused. */
  readonly pauses: number;
}

/** Dependencies of `RedisLease`. */
export interface RedisLeaseParts {
  readonly id: string;
  readonly entries: readonly LeaseEntry[];
  readonly run: (script: RedisScript, args: readonly (string | number)[]) => void;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** A request that Redis has admitted. Its reports are made in the background. */
export class RedisLease implements LimitLease {
  private state: 'held' | 'sent' | 'over' = 'held';
  private readonly endsAt: number;

  constructor(private readonly parts: RedisLeaseParts) {
    this.endsAt = parts.clock.monotonic() + parts.leaseMs;
  }

  isValid(): boolean {
    const { entries, clock } = this.parts;
    return clock.monotonic() < this.endsAt && entries.every(({ key, pauses }) => key.pauses === pauses);
  }

  sent(): void {
    if (this.state !== 'held') return;
    this.state = 'sent';
    const { id, entries, run } = this.parts;
    run(SENT, [0, ...entries.flatMap(({ cost, day }) => [memberOf(id, cost), day])]);
  }

  release(): void {
    if (this.state !== 'held') return;
    this.state = 'over';
    const { id, entries, run } = this.parts;
    run(
      RELEASE,
      entries.flatMap(({ cost, day }) => [memberOf(id, cost), day]),
    );
  }

  settle({ inputTokens, outputTokens, source }: LimitUse): void {
    if (this.state !== 'sent') return;
    this.state = 'over';
    const { id, entries, run } = this.parts;
    const used = inputTokens + outputTokens;
    const real = (cost: string): number | string => {
      const most = source === 'unknown' ? Math.max(used, Number(cost)) : used;
      return most >= 0 && most < Infinity ? most : cost;
    };
    run(SETTLE, [
      outputTokens > 0 && outputTokens < Infinity ? outputTokens : 0,
      ...entries.flatMap(({ cost }) => [memberOf(id, cost), memberOf(id, real(cost))]),
    ]);
  }
}

function memberOf(id: string, cost: number | string): string {
  return `${id}|${cost}`;
}
