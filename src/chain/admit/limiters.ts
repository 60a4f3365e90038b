import { timeSource } from '../../core/clock.js';
import type { Clock } from '../../core/clock.js';
import type { LimitKey } from '../../core/provider.js';
import { KeyLimits } from './key-limits.js';
import type { LimiterMember } from './limiter-member.js';

/**
 * The limits of all pipelines of a process, by clock and key. The key names the provider, its address and the credential,
 * so pipelines with one account have one limit together. A key ends with its last pipeline.
 */
export interface Limiters {
  /** The limits of a key, for a pipeline that brings its own. */
  limitsOf(member: LimiterMember, key: LimitKey, clock: Clock): KeyLimits;
  /** A pipeline has ended. */
  leave(member: LimiterMember): void;
}

/** Limiters that are shared by those who are given them. */
export function limiters(): Limiters {
  const byClock = new WeakMap<object, Map<string, KeyLimits>>();
  const joined = new WeakMap<LimiterMember, Set<KeyLimits>>();
  const keysOf = (clock: Clock): Map<string, KeyLimits> => {
    const time = timeSource(clock);
    const known = byClock.get(time) ?? new Map<string, KeyLimits>();
    byClock.set(time, known);
    return known;
  };
  return {
    limitsOf: (member, { key, limits }, clock) => {
      const keys = keysOf(clock);
      const shared = keys.get(key) ?? new KeyLimits(key, clock);
      keys.set(key, shared);
      shared.join(member, limits);
      const mine = joined.get(member) ?? new Set();
      joined.set(member, mine.add(shared));
      return shared;
    },
    leave: (member) => {
      for (const limits of joined.get(member) ?? []) {
        limits.leave(member);
        if (limits.isUnused) keysOf(limits.clock).delete(limits.key);
      }
      joined.delete(member);
    },
  };
}

/** The version is that of `Limiters`, which copies of the package share. */
const OF_PROCESS = Symbol.for('scriptorium.limiters.1');

/** The limiters of this process. Two copies of the package, such as in two of its dependencies, have the same ones. */
export function processLimiters(): Limiters {
  const holder = globalThis as unknown as Record<symbol, Limiters | undefined>;
  const made = holder[OF_PROCESS] ?? limiters();
  holder[OF_PROCESS] = made;
  return made;
}
