import type { Clock, LimitDemand, LimitLease, LimitRefusal } from 'scriptorium/plugin';
import type { Membership } from '../workers/membership.js';
import { LAST_SENDING_MS } from '../workers/times.js';
import type { KnownKey } from './known-limits.js';
import { RedisLease } from './redis-lease.js';
import type { RedisLeaseParts } from './redis-lease.js';

const DAY_MS = 86_400_000;
/** A store that is away is asked again after such a time. */
const ASK_AGAIN_MS = 1_000;

/** What a worker goes by while the store is away. */
export interface TakingAlone {
  readonly clock: Clock;
  readonly membership: Pick<Membership, 'alone'>;
  readonly nextId: () => string;
  readonly report: RedisLeaseParts['report'];
}

/** Takes one request from the worker's shares in all keys, or from none. */
export function takeAlone(keys: readonly KnownKey[], demand: LimitDemand, how: TakingAlone): LimitLease | LimitRefusal {
  const { clock, membership } = how;
  const now = clock.monotonic();
  const day = Math.floor(clock.now() / DAY_MS);
  const taken: { readonly key: KnownKey; readonly cost: number }[] = [];
  for (const key of keys) {
    const { figures, share, own } = key;
    if (key.pausedUntil > now) return { reason: 'quota', retryInMs: key.pausedUntil - now };
    const times = membership.alone(figures.windowMs);
    if (times === undefined) return away('it has not answered since this process was started');
    if (now < times.from) return { ...away('its limits are shared out first'), retryInMs: times.from - now };
    if (now >= times.until) return away('it has not answered for longer than a share is set aside');
    const cost = figures.tokens === 0 ? 0 : Math.min(demand.promptTokens + outputOf(key, demand), figures.tokens);
    const isFirstWindow = times.hasBeenSeen && now < times.from + figures.windowMs;
    const at = own.availableAt(now, cost, { figures, share, isFirstWindow });
    if (at === undefined) return { reason: 'rate-limit', retryInMs: ASK_AGAIN_MS };
    if (at > now) return { reason: 'rate-limit', retryInMs: at - now };
    if (own.uncounted.day !== day) own.uncounted = { day, count: 0 };
    if (figures.day > 0 && own.uncounted.count >= share.day) return { reason: 'rate-limit', retryInMs: ASK_AGAIN_MS };
    taken.push({ key, cost });
  }
  return leaseOf(taken, { ...how, day });
}

function leaseOf(
  taken: readonly { readonly key: KnownKey; readonly cost: number }[],
  { clock, nextId, report, day }: TakingAlone & { readonly day: number },
): LimitLease {
  const id = nextId();
  const entries = taken.map(({ key, cost }) => {
    key.own.uncounted.count += 1;
    const request = key.own.add({ id, cost: String(cost), sentAt: undefined, isCounted: false });
    return { key, request, day, pauses: key.pauses };
  });
  return new RedisLease({ entries, report, clock, leaseMs: LAST_SENDING_MS });
}

function outputOf({ usual }: KnownKey, { outputCap }: LimitDemand): number {
  return outputCap >= 0 && outputCap < Infinity ? outputCap : usual;
}

function away(why: string): { readonly reason: 'store'; readonly retryInMs: number; readonly detail: string } {
  return { reason: 'store', retryInMs: ASK_AGAIN_MS, detail: `limits: Redis is away, and ${why}` };
}
