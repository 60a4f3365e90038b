import { NEVER, throwError } from 'rxjs';
import { tokens } from 'scriptorium';
import type { CacheStore, GenerationEvent, LimitLease, LimitStore, Slots, Spending, StateStore } from 'scriptorium';
import { localLimits } from '../../src/chain/admit/local-limits.js';
import { localSpending } from '../../src/chain/admit/local-spending.js';
import { memoryStateStore } from '../../src/chain/admit/state-store.js';
import type { Random } from '../../src/core/clock.js';
import type { Host } from '../../src/testing/simulation/host.js';
import type { ProcessOptions } from '../../src/testing/simulation/process.js';
import type { Ask } from '../../src/testing/simulation/world.js';

type Register = NonNullable<ProcessOptions['register']>;

/** After this time a lease that was neither sent nor released is released by its store: its holder may have died. */
const LEASE_MS = 120_000;

/** The stores that live on a host and are shared by the processes of a world. */
export function storesOn(host: Host) {
  const { clock } = host;
  return {
    clock,
    limits: localLimits({ clock, skewMs: 250, store: memoryStateStore() }),
    spending: localSpending({ clock, random: () => 0, store: memoryStateStore() }),
    state: memoryStateStore(),
    cache: new Map<string, readonly GenerationEvent[]>(),
  };
}

export type Stores = ReturnType<typeof storesOn>;

/** A limit store that asks another one over the network. */
export function remoteLimits({ limits, clock }: Stores, ask: Ask): LimitStore {
  return {
    take: async (keys, demand) => {
      const answer = await ask('take', async () => {
        const taken = await limits.take(keys, demand);
        if ('release' in taken) clock.setTimer(LEASE_MS, () => taken.release());
        return taken;
      });
      return 'release' in answer ? remoteLease(answer, ask) : answer;
    },
    pause: (keys, forMs) => void quietly(ask('pause', () => limits.pause(keys, forMs))),
  };
}

function remoteLease(lease: LimitLease, ask: Ask): LimitLease {
  return {
    isValid: () => true,
    sent: () => void quietly(ask('sent', () => lease.sent())),
    release: () => void quietly(ask('release', () => lease.release())),
    settle: (used) => void quietly(ask('settle', () => lease.settle(used))),
  };
}

/** The other ports over the network, and slots that now and then throw, hang or fail. */
export function registerRemoteParts(
  stores: Stores,
  ask: Ask,
  { random, slots }: { random: Random; slots: Slots },
): Register {
  const spending: Spending = {
    reserve: async (demands) => {
      const answer = await ask('reserve', () => stores.spending.reserve(demands));
      return 'release' in answer
        ? {
            isValid: () => true,
            release: () => void quietly(ask('release', () => answer.release())),
            settle: (used) => void quietly(ask('settle', () => answer.settle(used))),
          }
        : answer;
    },
  };
  const state: StateStore = { update: (key, change) => ask('update', () => stores.state.update(key, change)) };
  const cache: CacheStore = {
    get: (key) => ask('get', () => stores.cache.get(key)),
    set: (key, events) => ask('set', () => void stores.cache.set(key, events)),
  };
  return (container) => {
    container.register<LimitStore>(tokens.LIMIT_STORE, { useValue: remoteLimits(stores, ask) });
    container.register<Spending>(tokens.SPENDING, { useValue: spending });
    container.register<StateStore>(tokens.STATE_STORE, { useValue: state });
    container.register<CacheStore>(tokens.CACHE_STORE, { useValue: cache });
    container.register<Slots>(tokens.SLOTS, { useValue: flakySlots(slots, random) });
  };
}

function flakySlots(slots: Slots, random: Random): Slots {
  return {
    acquire: (key, options) => {
      const kind = random();
      if (kind < 0.02) return NEVER;
      if (kind < 0.04) return throwError(() => new Error('the slots are out of order'));
      if (kind < 0.05) throw new Error('the slots have crashed');
      return slots.acquire(key, options);
    },
  };
}

async function quietly(report: Promise<unknown>): Promise<void> {
  await report.catch(() => undefined);
}
