import type { CacheStore, LimitStore, Limits, Spending, SpendingDemand, StateStore } from 'scriptorium/plugin';
import {
  CACHE_STORE_PROMISES,
  LIMIT_STORE_PROMISES,
  SPENDING_PROMISES,
  STATE_STORE_PROMISES,
} from 'scriptorium/testing';
import type { MakeCacheStore, MakeLimitStore, MakeSpending, MakeStateStore } from 'scriptorium/testing';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { memoryCacheStore } from '../../../src/chain/cache/cache.js';
import { describeMutants } from './mutants.js';
import type { Mutant } from './mutants.js';

const caches = (change: (store: CacheStore) => Partial<CacheStore>): CacheStore => {
  const store = memoryCacheStore(100);
  return { ...store, ...change(store) };
};

const CACHE: Readonly<Record<string, Mutant<MakeCacheStore, typeof CACHE_STORE_PROMISES>>> = {
  'knows everything': {
    make: () => caches((store) => ({ get: async (key) => (await store.get(key)) ?? [] })),
    breaks: ['has no answer for an unknown key'],
  },
  'keeps answers in each process': {
    make: () => [memoryCacheStore(100), memoryCacheStore(100)],
    breaks: ['gives an answer to all processes, event by event'],
  },
  'cuts long answers': {
    make: () => caches((store) => ({ set: (key, events) => store.set(key, events.slice(0, 100)) })),
    breaks: ['keeps long answers whole'],
  },
  'keeps the first answer': {
    make: () =>
      caches((store) => ({
        set: async (key, events) => ((await store.get(key)) ? undefined : store.set(key, events)),
      })),
    breaks: ['replaces an earlier answer'],
  },
  'has one key': {
    make: () => caches((store) => ({ get: () => store.get('a'), set: (_key, events) => store.set('a', events) })),
    breaks: ['keeps the answers of all keys apart, whatever their names'],
  },
};

const states = (change: (store: StateStore) => StateStore['update']): StateStore => ({
  update: change(memoryStateStore()),
});

const STATE: Readonly<Record<string, Mutant<MakeStateStore, typeof STATE_STORE_PROMISES>>> = {
  'gives null for what it does not know': {
    make: () => states((store) => (key, change) => store.update(key, (old) => change(old ?? null))),
    breaks: ['gives undefined for an unknown key'],
  },
  'keeps values in each process': {
    make: () => [memoryStateStore(), memoryStateStore()],
    breaks: ['returns the new value, and shows it to all processes'],
  },
  'reads and writes in two steps': {
    make: () =>
      states((store) => async (key, change) => {
        const old = await store.update(key, (value) => value);
        await new Promise((resolve) => setImmediate(resolve));
        return store.update(key, () => change(old));
      }),
    breaks: ['loses no change when processes change a key at once'],
  },
  'keeps whole numbers of 32 bits': {
    make: () =>
      states(
        (store) => (key, change) =>
          store.update(key, (old) => {
            const value = change(old);
            return typeof value === 'number' ? value | 0 : value;
          }),
      ),
    breaks: ['keeps values of every kind of JSON'],
  },
  'has one key': {
    make: () => states((store) => (_key, change) => store.update('a', change)),
    breaks: ['keeps the values of all keys apart, whatever their names'],
  },
  'removes what is not changed': {
    make: () =>
      states((store) => (key, change) => {
        let made: unknown;
        store.update(key, (old) => ((made = change(old)) === old ? undefined : made));
        return made;
      }),
    breaks: ['keeps the value if the change returns the old one'],
  },
  'swallows failures': {
    make: () =>
      states(
        (store) => (key, change) =>
          store.update(key, (old) => {
            try {
              return change(old);
            } catch {
              return undefined;
            }
          }),
      ),
    breaks: ['keeps the value if the change throws, and fails with its error'],
  },
};

type LimitWorld = Parameters<MakeLimitStore>[0];
const limits = ({ clock, skewMs }: LimitWorld): LimitStore =>
  localLimits({ clock, skewMs, store: memoryStateStore(), process: undefined });
const limitsWith = (world: LimitWorld, change: (store: LimitStore) => Partial<LimitStore>): LimitStore => {
  const store = limits(world);
  return { ...store, ...change(store) };
};
const without = (world: LimitWorld, name: keyof Limits): LimitStore =>
  limitsWith(world, (store) => ({
    take: (keys, demand) =>
      store.take(
        keys.map((key) => ({ ...key, limits: { ...key.limits, [name]: 0 } })),
        demand,
      ),
  }));
const leases = (
  world: LimitWorld,
  change: (lease: { sent(): void; release(): void; settle(): void }) => object,
): LimitStore =>
  limitsWith(world, (store) => ({
    take: async (keys, demand) => {
      const answer = await store.take(keys, demand);
      if (!('release' in answer)) return answer;
      return Object.assign({ ...answer }, change(answer as never));
    },
  }));

const LIMITS: Readonly<Record<string, Mutant<MakeLimitStore, typeof LIMIT_STORE_PROMISES>>> = {
  'counts in each process': {
    make: (world) => [limits(world), limits(world)],
    breaks: [
      'counts the requests of all processes in a minute',
      'counts the requests of all processes in a day, until midnight UTC',
    ],
  },
  'counts from the admission': {
    make: (world) => leases(world, (lease) => (lease.sent(), { sent: () => undefined })),
    breaks: ['counts a request until a whole window after it was sent'],
  },
  'knows no requests a minute': {
    make: (world) => without(world, 'requestsPerMinute'),
    breaks: ['counts a request that is not sent yet', 'takes a demand from all keys or from none'],
  },
  'never gives back': {
    make: (world) => leases(world, () => ({ release: () => undefined })),
    breaks: ['does not count a request that was never sent', 'takes the first of sent and release'],
  },
  'knows no interval': {
    make: (world) => without(world, 'minIntervalMs'),
    breaks: ['keeps the least interval between requests of all processes'],
  },
  'never settles': {
    make: (world) => leases(world, () => ({ settle: () => undefined })),
    breaks: ['counts tokens, reserved ones and those that were used'],
  },
  'has one key': {
    make: (world) =>
      limitsWith(world, (store) => ({
        take: (keys, demand) =>
          store.take(
            keys.map((key) => ({ ...key, key: 'one' })),
            demand,
          ),
      })),
    breaks: ['counts each key for itself, and nothing without a limit'],
  },
  'takes what it can': {
    make: (world) =>
      limitsWith(world, (store) => ({
        take: async (keys, demand) => {
          const answers = await Promise.all(keys.map(async (key) => store.take([key], demand)));
          return answers.find((answer) => !('release' in answer)) ?? answers[0]!;
        },
      })),
    breaks: ['takes a demand from all keys or from none'],
  },
  'knows no days': {
    make: (world) => without(world, 'requestsPerDay'),
    breaks: ['counts the requests of all processes in a day, until midnight UTC'],
  },
  'shortens pauses': {
    make: (world) =>
      limitsWith(world, (store) => ({ pause: (keys, forMs) => store.pause(keys, Math.min(forMs, 5_000)) })),
    breaks: ['blocks a key in all processes while it is paused, and never shortens a pause'],
  },
  'does not listen to the server': {
    make: (world) => limitsWith(world, () => ({ seedDay: () => undefined })),
    breaks: ['adopts the quota of the day that the server reports, unless it has counted more'],
  },
};

type SpendingWorld = Parameters<MakeSpending>[0];
type Change = (spending: Spending) => Partial<Spending>;
const pair = ({ clock, random }: SpendingWorld, change: Change = () => ({})): readonly [Spending, Spending] => {
  const store = memoryStateStore();
  const make = (): Spending => {
    const spending = localSpending({ clock, random, store });
    return { ...spending, ...change(spending) };
  };
  return [make(), make()];
};
const demands = (world: SpendingWorld, change: (demand: SpendingDemand) => Partial<SpendingDemand>) =>
  pair(world, (spending) => ({
    reserve: (all) => spending.reserve(all.map((demand) => ({ ...demand, ...change(demand) }))),
  }));
const settling = (
  world: SpendingWorld,
  change: (held: Extract<Awaited<ReturnType<Spending['reserve']>>, { release: unknown }>) => object,
) =>
  pair(world, (spending) => ({
    reserve: async (all) => {
      const answer = await spending.reserve(all);
      return 'release' in answer ? Object.assign({ ...answer }, change(answer)) : answer;
    },
  }));
const refusals = (world: SpendingWorld, parts: object) =>
  pair(world, (spending) => ({
    ...('changes$' in parts && { changes$: undefined as never }),
    reserve: async (all) => {
      const answer = await spending.reserve(all);
      return 'refusedScope' in answer ? { ...answer, ...parts } : answer;
    },
  }));

const SPENDING: Readonly<Record<string, Mutant<MakeSpending, typeof SPENDING_PROMISES>>> = {
  'counts in each process': {
    make: (world) => [pair(world)[0], pair(world)[0]],
    breaks: ['reserves what fits beside all that is spent and reserved, over all processes'],
  },
  'hopes for ever': {
    make: (world) => refusals(world, { mayFitLater: true }),
    breaks: [
      'says that a demand never fits once the money is spent',
      'gives a model up whose cost stays unknown, at once while no cost is known',
    ],
  },
  'gives up at once': {
    make: (world) => refusals(world, { mayFitLater: false }),
    breaks: [
      'reserves what fits beside all that is spent and reserved, over all processes',
      'has one attempt of unknown amounts under way in a scope, over all processes',
    ],
  },
  'counts no tokens': {
    make: (world) => demands(world, () => ({ tokens: 0 })),
    breaks: ['counts tokens as it counts money'],
  },
  'rounds to cents': {
    make: (world) => demands(world, ({ usd }) => ({ usd: Math.round(usd * 100) / 100 })),
    breaks: ['adds money exactly'],
  },
  'takes a limit of 0 for nothing': {
    make: (world) => demands(world, ({ limit }) => ({ limit: { ...limit, usd: limit.usd || 1e-12 } })),
    breaks: ['takes a limit of 0 for none, and admits what costs nothing'],
  },
  'reserves what it can': {
    make: (world) =>
      pair(world, (spending) => ({
        reserve: async (all) => {
          const answers = [];
          for (const demand of all) answers.push(await spending.reserve([demand]));
          return answers.find((answer) => !('release' in answer)) ?? answers[0]!;
        },
      })),
    breaks: ['reserves in all scopes or in none'],
  },
  'has one scope': {
    make: (world) => demands(world, () => ({ scope: 'label/one/scope' })),
    breaks: ['keeps the amounts of each scope, whatever its name'],
  },
  'keeps everything': {
    make: (world) => demands(world, () => ({ isKept: true })),
    breaks: ['counts a scope that is not kept in each process for itself'],
  },
  'never settles': {
    make: (world) => settling(world, () => ({ settle: () => undefined, release: () => undefined })),
    breaks: [
      'replaces a reservation by what was used',
      'settles a released reservation at nothing',
      'takes the first of settle and release',
      'names what is spent and reserved',
    ],
  },
  'spends no more than was reserved': {
    make: (world) =>
      settling(world, (held) => ({
        settle: ({ tokens, usd }: { tokens: number; usd: number }) => held.settle({ tokens, usd: Math.min(usd, 1) }),
      })),
    breaks: ['counts what was used beyond the reservation'],
  },
  'does not say when to ask again': {
    make: (world) => refusals(world, { retryInMs: undefined, changes$: undefined }),
    breaks: ['says when to ask again after a refusal, or signals the room'],
  },
  'knows no days': {
    make: (world) => demands(world, () => ({ isDaily: false })),
    breaks: ['begins a scope of the day anew at midnight UTC'],
  },
  'settles in the present day': {
    make: (world) =>
      pair(world, (spending) => ({
        reserve: async (all) => {
          const answer = await spending.reserve(all);
          if (!('release' in answer)) return answer;
          const settle: typeof answer.settle = (used) => {
            answer.release();
            void Promise.resolve(spending.reserve(all)).then((now) => 'release' in now && now.settle(used));
          };
          return { ...answer, settle };
        },
      })),
    breaks: ['settles an attempt in the day in which it was reserved'],
  },
  'knows no months': {
    make: (world) => demands(world, () => ({ isMonthly: false })),
    breaks: ['begins a scope of the month anew when a month begins, UTC'],
  },
  'forgets old reservations': {
    make: (world) => settling(world, (held) => (world.clock.setTimer(600_000, () => held.release()), {})),
    breaks: ['counts a reservation until it is settled, however late, and then what was used'],
  },
  'takes every amount for known': {
    make: (world) =>
      pair(world, (spending) => ({
        reserve: (all) => spending.reserve(all.map(({ unbounded: _unbounded, ...demand }) => demand)),
      })),
    breaks: [
      'has one attempt of unknown amounts under way in a scope, over all processes',
      'gives a model up whose cost stays unknown, at once while no cost is known',
      'gives a model up after three unknown costs in a row once a cost is known',
    ],
  },
  'asks for the whole budget': {
    make: (world) =>
      demands(world, ({ unbounded, usd, limit }) => ({ usd: unbounded === undefined ? usd : limit.usd })),
    breaks: ['begins an attempt of unknown amounts if its least amount fits'],
  },
  'takes unknown costs for none': {
    make: (world) =>
      settling(world, (held) => ({
        settle: ({ tokens, usd }: { tokens: number; usd: number }) => held.settle({ tokens, usd }),
      })),
    breaks: ['counts the dearest known attempt for one whose cost stays unknown'],
  },
  'never trusts a model again': {
    make: (world) =>
      settling(world, (held) => ({
        settle: (used: { tokens: number; usd: number }) =>
          held.settle(used.usd < 0.5 && used.usd > 0 ? { ...used, isCostUnknown: true } : used),
      })),
    breaks: ['trusts a model again whose cost is named'],
  },
};

describeMutants('a cache store', CACHE_STORE_PROMISES, CACHE);
describeMutants('a state store', STATE_STORE_PROMISES, STATE);
describeMutants('a limit store', LIMIT_STORE_PROMISES, LIMITS);
describeMutants('spending', SPENDING_PROMISES, SPENDING);
