import type { Clock } from '../../core/clock.js';
import type { Permit, RateLimiter, StateStore } from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import { DailyCount } from './daily-count.js';
import { KeyLimits } from './key-limits.js';
import type { TokenDemand } from './key-limits.js';
import { latest, Queue } from './queue.js';
import type { Gate } from './queue.js';

/**
 * A rate limiter within one process. Requests with the same keys share a queue; queues that share a key share its
 * limits.
 */
export function localRateLimiter(clock: Clock, skewMs: number, store: StateStore): RateLimiter {
  const limited = new Map<string, KeyLimits>();
  const queues = new Map<string, Queue<TokenDemand, Permit>>();
  const serveAll = (): void => queues.forEach((queue) => queue.serve());

  const limitsOf = ({ key, limits }: LimitKey): KeyLimits =>
    remembered(
      limited,
      JSON.stringify([key, limits]),
      () =>
        new KeyLimits({
          limits,
          skewMs,
          clock,
          daily: new DailyCount(key, limits.requestsPerDay ?? 0, store),
          onChange: serveAll,
        }),
    );
  const queueOf = (keys: readonly LimitKey[]): Queue<TokenDemand, Permit> =>
    remembered(queues, JSON.stringify(keys), () => new Queue(together(keys.map(limitsOf)), clock));

  return {
    acquire: ({ keys, isReturned, ...demand }) => queueOf(keys).enter(demand, isReturned),
    pause: (keys, until) => {
      for (const key of keys) limitsOf(key).pause(until);
      serveAll();
    },
    heldUntil: (keys) => heldUntil(keys.map(limitsOf)),
    seedDay: (keys, quota) => {
      for (const key of keys) limitsOf(key).seedDay(quota);
      serveAll();
    },
  };
}

/** Combines several keys to one gate that admits a request for all of them or none. */
function together(keys: readonly KeyLimits[]): Gate<TokenDemand, Permit> {
  return {
    availableAt: (now, demand) => latest([now, ...keys.map((key) => key.availableAt(now, demand))]),
    heldUntil: () => heldUntil(keys),
    admit: (now, demand) => {
      const permits = admitAll(keys, now, demand);
      return {
        sent: () => permits.forEach((permit) => permit.sent()),
        release: () => permits.forEach((permit) => permit.release()),
        settle: (used) => permits.forEach((permit) => permit.settle(used)),
      };
    },
  };
}

/** Releases the permits already issued if a later key throws. */
function admitAll(keys: readonly KeyLimits[], now: number, demand: TokenDemand): readonly Permit[] {
  const permits: Permit[] = [];
  try {
    for (const key of keys) permits.push(key.admit(now, demand));
    return permits;
  } catch (error) {
    for (const permit of permits) permit.release();
    throw error;
  }
}

function heldUntil(keys: readonly KeyLimits[]): number | undefined {
  const times = keys.flatMap((key) => key.heldUntil() ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}
