import { NEVER, Observable } from 'rxjs';
import type { tokens } from 'scriptorium';
import type { Clock } from 'scriptorium';
import { localBreakers } from '../../../src/chain/admit/breaker.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { memoryCacheStore } from '../../../src/chain/cache/cache.js';
import { localRetryBudgets } from '../../../src/chain/recover/retry-budget.js';

type TokenName = keyof typeof tokens;

/**
 * What becomes of a generation when a part fails. `observes`: nothing, whatever the part does, since it observes, advises, or
 * may be done without. `essential`: the generation cannot go on without it, and fails by its name or for its own reason.
 * `value`: it has no behaviour of its own.
 */
export const TREATMENTS = {
  CLOCK: 'observes',
  RANDOM: 'observes',
  CONFIG: 'value',
  LOGGER: 'observes',
  REDACT: 'essential',
  TRANSPORT: 'essential',
  LIMIT_STORE: 'observes',
  DAY_QUOTAS: 'observes',
  BREAKERS: 'observes',
  SLOTS: 'observes',
  RETRY_BUDGETS: 'observes',
  SPENDING: 'observes',
  STATE_STORE: 'observes',
  CACHE_STORE: 'observes',
  USAGE_STATS: 'observes',
  MODEL_SPEEDS: 'observes',
  RECONCILER: 'observes',
  RECORD_STAT: 'observes',
  PROVIDER: 'essential',
  STAT_SINK: 'observes',
  NAMED_TRANSPORT: 'essential',
  TRANSPORT_WRAP: 'essential',
  PLUGIN_COMMAND: 'value',
  HTTP_ENDPOINT: 'value',
  INTERCEPTOR: 'essential',
  LOGGING_INTERCEPTOR: 'essential',
  METRICS_INTERCEPTOR: 'essential',
  DEADLINE_INTERCEPTOR: 'essential',
  CACHE_INTERCEPTOR: 'essential',
  LENGTH_CONTINUATION_INTERCEPTOR: 'essential',
  RESUME_INTERCEPTOR: 'essential',
  ROUTING_INTERCEPTOR: 'essential',
  FALLBACK_INTERCEPTOR: 'essential',
  RETRY_INTERCEPTOR: 'essential',
  ADMISSION_INTERCEPTOR: 'essential',
  ATTEMPT_STATS_INTERCEPTOR: 'essential',
  TIMEOUTS_INTERCEPTOR: 'essential',
} as const satisfies Readonly<Record<TokenName, 'observes' | 'essential' | 'value'>>;

/** The parts of which no failure may reach a generation. */
export type ObservingPart = { [N in TokenName]: (typeof TREATMENTS)[N] extends 'observes' ? N : never }[TokenName];

/** Ways in which a method can fail. */
export const FAULTS: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('out of order');
  },
  'throws what is no error': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as careless code may do
    throw undefined;
  },
  rejects: () => Promise.reject(new Error('out of order')),
  hangs: () => Object.assign(new Promise(() => undefined), { subscribe: () => NEVER.subscribe(), pipe: () => NEVER }),
  'answers nothing': () => undefined,
  'answers NaN': () => Number.NaN,
  'answers what throws when it is read': () =>
    new Proxy({}, { get: (_, name) => (name === 'then' || typeof name === 'symbol' ? undefined : FAULTS.throws?.()) }),
};

/** A real part of each kind; what does nothing stands for those that only observe. */
const REAL: Readonly<Record<ObservingPart, (clock: Clock) => object>> = {
  CLOCK: (clock) => clock,
  RANDOM: () => () => 0.5,
  LOGGER: () => ({ debug: nothing, info: nothing, warn: nothing, error: nothing }),
  LIMIT_STORE: (clock) => localLimits({ clock, skewMs: 250, store: memoryStateStore() }),
  DAY_QUOTAS: () => ({ today: nothing }),
  BREAKERS: (clock) =>
    localBreakers(clock, () => 0.5, {
      windowMs: 30_000,
      minimumCalls: 20,
      failureRate: 0.8,
      openMs: 5_000,
      longestOpenMs: 60_000,
      connectionFailures: 10,
      probeLeaseMs: 60_000,
    }),
  SLOTS: (clock) => localSlots(clock, 2),
  RETRY_BUDGETS: (clock) => localRetryBudgets(clock, { capacity: 500, refillPerSecond: 5, retryCost: 14 }),
  SPENDING: (clock) => localSpending({ clock, random: () => 0.5, store: memoryStateStore() }),
  STATE_STORE: () => memoryStateStore(),
  CACHE_STORE: () => memoryCacheStore(10),
  USAGE_STATS: () => ({ name: 'usage', record: nothing, snapshot: nothing, reset: nothing, snapshots$: NEVER }),
  MODEL_SPEEDS: () => ({ name: 'speeds', record: nothing, of: () => ({ tries: 0 }) }),
  RECONCILER: () => ({ name: 'reconciler', record: nothing, flush: nothing, close: nothing, whenKnown: nothing }),
  RECORD_STAT: () => nothing,
  STAT_SINK: () => ({ name: 'sink', record: nothing, flush: nothing, close: nothing, backlog: nothing }),
};

function nothing(): void {
  // Does nothing.
}

/** Whether parts work, and how they fail otherwise. */
export interface Weather {
  isFair: boolean;
  readonly fault: () => unknown;
}

/** A part that works while the weather is fair. So do the leases that it issues. */
export function faultyPart(name: ObservingPart, clock: Clock, weather: Weather): unknown {
  return faulty(REAL[name](clock), weather);
}

function faulty(real: object, weather: Weather): unknown {
  const call = (run: () => unknown): unknown => (weather.isFair ? leased(run(), weather) : weather.fault());
  if (typeof real === 'function') {
    const run = real as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => call(() => run(...args));
  }
  return new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'isProbe' && !weather.isFair) return weather.fault();
      if (typeof value !== 'function' || name === 'then') return value;
      const method = value as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => call(() => method.apply(target, args));
    },
  });
}

function leased(value: unknown, weather: Weather): unknown {
  if (value instanceof Observable)
    return new Observable((subscriber) =>
      value.subscribe({
        next: (step: unknown) => subscriber.next(leased(step, weather)),
        complete: () => subscriber.complete(),
      }),
    );
  if (typeof value !== 'object' || value === null) return value;
  if ('lease' in value) return { ...value, lease: faulty(value.lease as object, weather) };
  return 'release' in value ? faulty(value, weather) : value;
}
