import { localRateLimiter } from '../../../src/chain/admit/local-rate-limiter.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { LimitDemand, Permit, RateLimiter, StateStore } from '../../../src/core/ports.js';
import type { LimitKey } from '../../../src/core/provider.js';
import type { ManualClock } from '../../../src/testing/manual-clock.js';
import { enter } from './enter.js';
import type { Entrant } from './enter.js';

export const SKEW_MS = 250;
export const WINDOW_MS = 60_000 + SKEW_MS;

/** The limiter of one process; two with the same store are two processes. */
export function aLocalLimiter(clock: ManualClock, store: StateStore = memoryStateStore()): RateLimiter {
  return localRateLimiter(clock, SKEW_MS, store);
}

/** A request of these keys that needs no tokens. */
export function demandOn(...keys: readonly LimitKey[]): LimitDemand {
  return { keys, promptTokens: 0, outputCap: 0, isReturned: false };
}

/** One that asks to be admitted. */
export function apply(limiter: RateLimiter, ...keys: readonly LimitKey[]): Entrant<Permit> {
  return enter(limiter.acquire(demandOn(...keys)));
}
