import type { Clock, LimitLease, LimitUse } from 'scriptorium/plugin';
import type { RedisScript } from '../scripts.js';
import type { KnownKey } from './known-limits.js';
import type { LateArgs } from './reports.js';
import { RELEASE, SENT, SETTLE } from './limit-scripts.js';
import type { OwnRequest } from './own-requests.js';

/** A request's share of one limit key. */
export interface LeaseEntry {
  readonly key: KnownKey;
  readonly request: OwnRequest;
  /** The day in which it is counted; -1 for none. */
  readonly day: number;
  /** How often the key had been paused. */
  readonly pauses: number;
}

/** Dependencies of `RedisLease`. */
export interface RedisLeaseParts {
  readonly entries: readonly LeaseEntry[];
  /** Reports to the store, as soon as it is there. */
  readonly report: (script: RedisScript, keys: readonly KnownKey[], args: LateArgs) => void;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** A request that was admitted. The store is told of it in the background. What it does not count yet is brought to it later. */
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
    const now = this.parts.clock.monotonic();
    for (const { key, request } of this.parts.entries) key.own.sent(request, now);
    this.report(
      SENT,
      (lateMs) => [lateMs],
      ({ request, day }) => [memberOf(request), day],
    );
  }

  release(): void {
    if (this.state !== 'held') return;
    this.state = 'over';
    for (const { key, request, day } of this.parts.entries) {
      key.own.remove(request);
      if (!request.isCounted && key.own.uncounted.day === day) key.own.uncounted.count -= 1;
    }
    this.report(
      RELEASE,
      () => [],
      ({ request, day }) => [memberOf(request), day],
    );
  }

  settle({ inputTokens, outputTokens, source }: LimitUse): void {
    if (this.state !== 'sent') return;
    this.state = 'over';
    const used = inputTokens + outputTokens;
    const output = outputTokens > 0 && outputTokens < Infinity ? outputTokens : 0;
    this.report(
      SETTLE,
      () => [output],
      ({ request }) => {
        const before = memberOf(request);
        const most = source === 'unknown' ? Math.max(used, Number(request.cost)) : used;
        if (most >= 0 && most < Infinity) request.cost = String(most);
        return [before, memberOf(request)];
      },
    );
  }

  /** Entries that the store does not count are brought to it as they are then. */
  private report(
    script: RedisScript,
    first: LateArgs,
    argsOf: (entry: LeaseEntry) => readonly (string | number)[],
  ): void {
    const rest = this.parts.entries.map((entry) => ({ entry, args: argsOf(entry) }));
    const counted = rest.filter(({ entry }) => entry.request.isCounted);
    if (counted.length === 0) return;
    const keys = counted.map(({ entry }) => entry.key);
    this.parts.report(script, keys, (lateMs) => [...first(lateMs), ...counted.flatMap(({ args }) => args)]);
  }
}

/** The name of a request in the store. */
export function memberOf({ id, cost }: OwnRequest): string {
  return `${id}|${cost}`;
}
