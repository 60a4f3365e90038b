import { catchError, concat, EMPTY, Observable, repeat, take, takeUntil } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import type {
  BreakerPass,
  Breakers,
  BreakerStanding,
  CacheStore,
  Lease,
  LimitRefusal,
  LimitStore,
  OverBudget,
  RetryBudgets,
  Slots,
  Spending,
  Undecided,
} from '../../core/ports.js';
import { malformation } from '../../core/event-shapes.js';
import { isDuration } from '../../core/outside/numbers.js';
import { ASK_AGAIN_MS, spread } from '../../core/util/ask-again.js';
import { afterwards, notAPromise } from '../../core/util/maybe-promise.js';
import { fencedAcquire } from './fenced-acquire.js';
import type { FencedAcquire } from './fenced-acquire.js';
import type { Fence } from './fence.js';
import { hasMethods } from '../../core/util/has-methods.js';
import { FencedLease, FencedLimitLease, FencedPass, FencedReservation, FREE_LEASE } from './leases.js';

/** Further dependencies of an acquisition. */
export interface Waiting {
  readonly clock: Clock;
  readonly random: Random;
  readonly patienceMs: number;
}

/** Dependencies of the signals of a part. */
export interface Signals {
  readonly clock: Clock;
  readonly random: Random;
  /** The end of the pipeline. */
  readonly ended: Observable<unknown>;
}

/** A limit store behind a fence. */
export function fencedLimits(store: LimitStore, fence: Fence, signals: Signals): LimitStore {
  return {
    take: (keys, demand) =>
      afterwards(
        fence.decide({
          ask: () => store.take(keys, demand),
          isAnswer: (value) => hasMethods(value, 'isValid', 'sent', 'settle', 'release') || isLimitRefusal(value),
          otherwise: () => (fence.isOpenOnFailure ? FREE_LEASE : undecided(fence)),
          discard: (answer) => 'release' in answer && answer.release(),
        }),
        (answer) => ('release' in answer ? new FencedLimitLease(answer, fence) : answer),
      ),
    pause: (keys, forMs) => fence.report(() => store.pause(keys, forMs)),
    seedDay: (keys, quota) => fence.report(() => store.seedDay?.(keys, quota)),
    ...present(fencedChanges(store.changes$, fence, signals)),
  };
}

function isLimitRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { reason, retryInMs } = value as Partial<Record<keyof LimitRefusal, unknown>>;
  return (
    (retryInMs === undefined || isDuration(retryInMs)) &&
    (reason === 'rate-limit' || reason === 'quota' || reason === 'store')
  );
}

/** The refusal of a part without an answer. */
function undecided({ detail }: Fence): Undecided {
  return { reason: 'store', retryInMs: ASK_AGAIN_MS, detail };
}

/** Breakers behind a fence. A breaker that cannot say whether it is open counts as closed. */
export function fencedBreakers(breakers: Breakers, fence: Fence, waiting: Waiting): Breakers {
  const how: FencedAcquire<BreakerPass> = {
    ...waiting,
    fence,
    free: FREE_LEASE,
    methods: ['isValid', 'release', 'record'],
    wrap: (pass) => new FencedPass(pass, fence),
  };
  return {
    acquire: (key, options) => fencedAcquire(how, () => breakers.acquire(key, options)),
    isOpen: (key) => {
      try {
        const isOpen = notAPromise(breakers.isOpen(key));
        if (typeof isOpen !== 'boolean') throw new Error('isOpen did not return a boolean');
        return isOpen;
      } catch (error) {
        fence.fails(error);
        return false;
      }
    },
    standings: () => {
      try {
        const standings: unknown = notAPromise(breakers.standings?.() ?? []);
        if (!Array.isArray(standings) || !standings.every((each) => isStanding(each)))
          throw new Error('standings did not return a list');
        return standings;
      } catch (error) {
        fence.fails(error);
        return [];
      }
    },
  };
}

function isStanding(value: unknown): value is BreakerStanding {
  if (typeof value !== 'object' || value === null) return false;
  const { key, state, retryInMs } = value as Partial<Record<keyof BreakerStanding, unknown>>;
  return (
    typeof key === 'string' &&
    (state === 'closed' || state === 'open' || state === 'probing') &&
    (retryInMs === undefined || isDuration(retryInMs))
  );
}

/** Slots or retry budgets behind a fence. */
export function fencedLeases(part: Slots | RetryBudgets, fence: Fence, waiting: Waiting): Slots {
  const how: FencedAcquire<Lease> = {
    ...waiting,
    fence,
    free: FREE_LEASE,
    methods: ['isValid', 'release'],
    wrap: (lease) => new FencedLease(lease, fence),
  };
  return { acquire: (key, options) => fencedAcquire(how, () => part.acquire(key, options)) };
}

/** Spending behind a fence. */
export function fencedSpending(spending: Spending, fence: Fence, signals: Signals): Spending {
  return {
    reserve: (demands) =>
      afterwards(
        fence.decide({
          ask: () => spending.reserve(demands),
          isAnswer: (value) => hasMethods(value, 'isValid', 'settle', 'release') || isSpendingRefusal(value),
          otherwise: () => (fence.isOpenOnFailure ? FREE_LEASE : undecided(fence)),
          discard: (answer) => 'release' in answer && answer.release(),
        }),
        (answer) => ('release' in answer ? new FencedReservation(answer, fence) : answer),
      ),
    balances: () =>
      fence.decide({
        ask: () => spending.balances?.() ?? [],
        isAnswer: (value) => Array.isArray(value),
        otherwise: () => {
          throw fence.unavailable();
        },
      }),
    ...present(fencedChanges(spending.changes$, fence, signals)),
  };
}

function isSpendingRefusal(value: unknown): boolean {
  if (isLimitRefusal(value)) return (value as LimitRefusal).reason === 'store';
  if (typeof value !== 'object' || value === null) return false;
  const { refusedScope, mayFitLater } = value as Partial<Record<keyof OverBudget, unknown>>;
  return typeof refusedScope === 'string' && typeof mayFitLater === 'boolean';
}

/** A cache store behind a fence. */
export function fencedCache(store: CacheStore, fence: Fence): CacheStore {
  return {
    get: (key) =>
      fence.decide({
        ask: () => store.get(key),
        isAnswer: (value) => value === undefined || isWholeAnswer(value),
        otherwise: () => {
          if (fence.isOpenOnFailure) return undefined;
          throw fence.unavailable();
        },
      }),
    set: (key, events) => fence.report(() => store.set(key, events)),
  };
}

/** Whether a value can be replayed: events, of which only the last one is an end. */
function isWholeAnswer(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (event: unknown, index) => malformation(event) === undefined && isEnd(event) === (index === value.length - 1),
    )
  );
}

function isEnd(event: unknown): boolean {
  return (event as { readonly type?: unknown }).type === 'generation-end';
}

/** Signals of a part. After an error or their end they are subscribed to again, and what waits for them asks again. */
function fencedChanges(
  changes: Observable<unknown> | undefined,
  fence: Fence,
  { clock, random, ended }: Signals,
): Observable<unknown> | undefined {
  if (changes === undefined) return undefined;
  const later = (): Observable<void> =>
    new Observable((subscriber) => clock.setTimer(spread(ASK_AGAIN_MS, random), () => subscriber.next()));
  const untilFailure = changes.pipe(
    catchError((error: unknown) => {
      fence.fails(error, true);
      return EMPTY;
    }),
  );
  const again = concat(later().pipe(take(1)), untilFailure);
  return concat(untilFailure, again.pipe(repeat())).pipe(takeUntil(ended));
}

function present(changes$: Observable<unknown> | undefined): { readonly changes$?: Observable<unknown> } {
  return changes$ === undefined ? {} : { changes$ };
}
