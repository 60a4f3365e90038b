import { Subject } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import type { LimitDemand, LimitLease, LimitRefusal, LimitStore, MaybePromise, StateStore } from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import { afterwards, isPromise } from '../../core/util/maybe-promise.js';
import { DailyCount } from './daily-count.js';
import { KeyLimits } from './key-limits.js';
import { limitName } from './limit-name.js';

/** A limit store within one process. Only daily counts and pauses are in the state store. */
export function localLimits(clock: Clock, skewMs: number, store: StateStore): LimitStore {
  const limited = new Map<string, KeyLimits>();
  const changes = new Subject<void>();
  const onChange = (): void => changes.next();

  const limitsOf = (limitKey: LimitKey): KeyLimits => {
    const { key, limits } = limitKey;
    const name = limitName(limitKey);
    const known = limited.get(name);
    if (known !== undefined) return known;
    const daily = new DailyCount(key, limits.requestsPerDay ?? 0, store);
    const made = new KeyLimits({ limits, skewMs, clock, daily, onChange });
    limited.set(name, made);
    return made;
  };

  return {
    take: (keys, demand) => takeAll(keys.map(limitsOf), demand),
    pause: (keys, forMs) => {
      for (const key of keys) limitsOf(key).pause(forMs);
      onChange();
    },
    seedDay: (keys, quota) => {
      for (const key of keys) limitsOf(key).seedDay(quota);
      onChange();
    },
    changes$: changes.asObservable(),
  };
}

type Answer = LimitLease | LimitRefusal;

/** Takes the demand from all keys or none. */
function takeAll(keys: readonly KeyLimits[], demand: LimitDemand): MaybePromise<Answer> {
  const refusal = longest(keys.map((key) => key.refusal(demand)));
  return refusal ?? takeRest(keys, demand, []);
}

function takeRest(
  [first, ...rest]: readonly KeyLimits[],
  demand: LimitDemand,
  leases: readonly LimitLease[],
): MaybePromise<Answer> {
  if (first === undefined) return leases.length === 1 && leases[0] !== undefined ? leases[0] : together(leases);
  const giveBack = (): void => leases.forEach((lease) => lease.release());
  let answer: MaybePromise<Answer>;
  try {
    answer = afterwards(first.take(demand), (taken) => {
      if ('isValid' in taken) return takeRest(rest, demand, [...leases, taken]);
      giveBack();
      return taken;
    });
  } catch (error) {
    giveBack();
    throw error;
  }
  return isPromise(answer)
    ? answer.then(undefined, (error: unknown) => {
        giveBack();
        throw error;
      })
    : answer;
}

/** Combines the leases of several keys to one. */
function together(leases: readonly LimitLease[]): LimitLease {
  return {
    isValid: () => leases.every((lease) => lease.isValid()),
    sent: () => leases.forEach((lease) => lease.sent()),
    release: () => leases.forEach((lease) => lease.release()),
    settle: (used) => leases.forEach((lease) => lease.settle(used)),
  };
}

/** The refusal that lasts longest; one without a known end outlasts all others. A quota's reason wins. */
function longest(refusals: readonly (LimitRefusal | undefined)[]): LimitRefusal | undefined {
  const made = refusals.filter((refusal) => refusal !== undefined);
  return made.reduce<LimitRefusal | undefined>((a, b) => {
    if (a === undefined) return b;
    if (a.reason !== b.reason) return a.reason === 'quota' ? a : b;
    return a.retryInMs !== undefined && (b.retryInMs === undefined || b.retryInMs > a.retryInMs) ? b : a;
  }, undefined);
}
