import { Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import type { LimitDemand, LimitLease, LimitRefusal, LimitStore, MaybePromise } from '../../core/ports.js';
import type { LimitKey } from '../../core/provider.js';
import { afterwards, isPromise } from '../../core/util/maybe-promise.js';
import { guarded } from '../../core/util/guarded.js';
import type { KeyLimits } from './key-limits.js';
import type { LimiterMember } from './limiter-member.js';
import { limiters } from './limiters.js';
import type { Limiters } from './limiters.js';

/** Dependencies of `localLimits`. */
export interface LocalLimitsParts extends Omit<LimiterMember, 'changed' | 'place'> {
  readonly clock: Clock;
  /** Identifies the store; by default the store itself. */
  readonly place?: unknown;
  /** The limiters that this pipeline shares with others, and the keys for which it does; by default none. */
  readonly shared?: { readonly limiters: Limiters; readonly isShared: (key: LimitKey) => boolean };
  /** The end of the pipeline. */
  readonly ended?: Observable<unknown>;
}

/** A limit store within one process. Other processes see what is in the state store. */
export function localLimits(parts: LocalLimitsParts): LimitStore {
  const { clock, shared, ended } = parts;
  const changes = new Subject<void>();
  const own = limiters();
  const member: LimiterMember = { place: parts.store, ...parts, changed: guarded(() => changes.next()) };
  let isOver = false;
  // A pipeline that has ended does not come back to those that it shared limits with.
  const limitsOf = (key: LimitKey): KeyLimits =>
    (!isOver && shared?.isShared(key) === true ? shared.limiters : own).limitsOf(member, key, clock);
  ended?.subscribe(() => {
    isOver = true;
    shared?.limiters.leave(member);
  });
  return {
    take: (keys, demand) => takeAll(keys.map(limitsOf), demand),
    pause: (keys, forMs) => {
      if (!isOver) for (const key of keys) limitsOf(key).pause(forMs);
    },
    seedDay: (keys, quota) => {
      if (!isOver) for (const key of keys) limitsOf(key).seedDay(member, quota);
    },
    changes$: changes.asObservable(),
  };
}

type Answer = LimitLease | LimitRefusal;

/** Takes the demand from all keys or none. */
function takeAll(keys: readonly KeyLimits[], demand: LimitDemand): MaybePromise<Answer> {
  // A single key refuses for itself.
  const refusal = keys.length === 1 ? undefined : longest(keys.map((key) => key.refusal(demand)));
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
