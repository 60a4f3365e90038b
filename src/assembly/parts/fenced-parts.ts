import { EMPTY, catchError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import type {
  Admission,
  Breakers,
  CacheStore,
  Lease,
  LimitRefusal,
  LimitStore,
  RetryBudgets,
  Slots,
  Spending,
  SpendingRefusal,
} from '../../core/ports.js';
import { afterwards } from '../../core/util/maybe-promise.js';
import { fencedAcquire } from './fenced-acquire.js';
import type { Fence } from './fence.js';
import { fencedLease, fencedLimitLease, fencedPass, fencedReservation, FREE_LEASE, hasMethods } from './leases.js';

/** What an acquisition needs beside its part. */
export interface Waiting {
  readonly clock: Clock;
  readonly patienceMs: number;
}

/** A limit store without an answer is asked again after this time. */
const ASK_AGAIN_MS = 1_000;

/** A limit store behind a fence. */
export function fencedLimits(store: LimitStore, fence: Fence): LimitStore {
  return {
    take: (keys, demand) =>
      afterwards(
        fence.decide({
          ask: () => store.take(keys, demand),
          isAnswer: (value) => hasMethods(value, 'isValid', 'sent', 'settle', 'release') || isLimitRefusal(value),
          otherwise: () =>
            fence.isOpenOnFailure ? FREE_LEASE : ({ reason: 'store', retryInMs: ASK_AGAIN_MS } as const),
          discard: (answer) => 'release' in answer && answer.release(),
        }),
        (answer) => ('release' in answer ? fencedLimitLease(answer, fence) : answer),
      ),
    pause: (keys, forMs) => fence.report(() => store.pause(keys, forMs)),
    seedDay: (keys, quota) => fence.report(() => store.seedDay?.(keys, quota)),
    changes$: fencedChanges(store.changes$, fence),
  };
}

function isLimitRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { reason, retryInMs } = value as Partial<Record<keyof LimitRefusal, unknown>>;
  const isTime = retryInMs === undefined || (typeof retryInMs === 'number' && retryInMs >= 0 && retryInMs < Infinity);
  return isTime && (reason === 'rate-limit' || reason === 'quota' || reason === 'store');
}

/** Breakers behind a fence. A breaker that cannot say whether it is open counts as closed. */
export function fencedBreakers(breakers: Breakers, fence: Fence, waiting: Waiting): Breakers {
  return {
    acquire: (key, options) =>
      fencedAcquire({
        ...waiting,
        fence,
        free: FREE_LEASE,
        acquire: () => breakers.acquire(key, options),
        wrap: (pass) => fencedPass(pass, fence),
      }),
    isOpen: (key) => {
      try {
        return breakers.isOpen(key);
      } catch (error) {
        fence.fails(error);
        return false;
      }
    },
  };
}

/** Slots or retry budgets behind a fence. */
export function fencedLeases(part: Slots | RetryBudgets, fence: Fence, waiting: Waiting): Slots {
  return {
    acquire: (key, options): Observable<Admission<Lease>> =>
      fencedAcquire<Lease>({
        ...waiting,
        fence,
        free: FREE_LEASE,
        acquire: () => part.acquire(key, options),
        wrap: (lease) => fencedLease(lease, fence),
      }),
  };
}

/** Spending behind a fence. */
export function fencedSpending(spending: Spending, fence: Fence): Spending {
  const unknown: SpendingRefusal = { refusedScope: 'store', mayFitLater: true, isUnavailable: true };
  return {
    reserve: (demands) =>
      afterwards(
        fence.decide({
          ask: () => spending.reserve(demands),
          isAnswer: (value) => hasMethods(value, 'isValid', 'settle', 'release') || isSpendingRefusal(value),
          otherwise: () => (fence.isOpenOnFailure ? FREE_LEASE : unknown),
          discard: (answer) => 'release' in answer && answer.release(),
        }),
        (answer) => ('release' in answer ? fencedReservation(answer, fence) : answer),
      ),
    changes$: fencedChanges(spending.changes$, fence),
  };
}

function isSpendingRefusal(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'refusedScope' in value &&
    typeof value.refusedScope === 'string' &&
    'mayFitLater' in value &&
    typeof value.mayFitLater === 'boolean'
  );
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
      (event: unknown, index) => isEvent(event) && (event.type === 'generation-end') === (index === value.length - 1),
    )
  );
}

function isEvent(event: unknown): event is { readonly type: unknown } {
  return typeof event === 'object' && event !== null && 'type' in event;
}

/** Signals of a part. Without them, its answers' own times hold. */
function fencedChanges(changes: Observable<unknown> | undefined, fence: Fence): Observable<unknown> {
  return (
    changes?.pipe(
      catchError((error: unknown) => {
        fence.fails(error);
        return EMPTY;
      }),
    ) ?? EMPTY
  );
}
