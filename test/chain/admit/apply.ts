import { randomUUID } from 'node:crypto';
import { Observable } from 'rxjs';
import { Budgets } from '../../../src/chain/admit/budgets.js';
import { AttemptGates } from '../../../src/chain/admit/attempt-gates.js';
import { Line } from '../../../src/chain/admit/line.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { Turn } from '../../../src/chain/admit/turn.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type {
  AcquireOptions,
  Admission,
  LimitDemand,
  LimitLease,
  LimitStore,
  StateStore,
} from '../../../src/core/ports.js';
import type { LimitKey } from '../../../src/core/provider.js';
import type { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { admissionParts, RETRY } from './admission-parts.js';
import { enter } from './enter.js';
import type { Entrant } from './enter.js';

export const SKEW_MS = 250;
export const WINDOW_MS = 60_000 + SKEW_MS;

/** The demand of one request on its keys. */
export interface KeyedDemand extends LimitDemand, AcquireOptions {
  readonly keys: readonly LimitKey[];
}

/** A limit store with the lines of `admission` in front of it. */
export interface LocalLimiter extends LimitStore {
  acquire(demand: KeyedDemand): Observable<Admission<LimitLease>>;
  /** End of a pause or of a spent day, in epoch milliseconds. */
  heldUntil(keys: readonly LimitKey[]): number | undefined;
}

/** The limiter of one process; two with the same store are two processes. */
export function aLocalLimiter(
  clock: ManualClock,
  store: StateStore = memoryStateStore(),
  skewMs = SKEW_MS,
): LocalLimiter {
  const limits = localLimits({ clock, skewMs, store, process: randomUUID() });
  const lines = new Map<string, Line>();
  limits.changes$?.subscribe(() => lines.forEach((line) => line.changed()));
  const lineOf = (keys: readonly LimitKey[]): Line => {
    const name = JSON.stringify(keys);
    const line = lines.get(name) ?? new Line();
    lines.set(name, line);
    return line;
  };
  return {
    ...limits,
    acquire: (demand) => turnFor(clock, limits, { demand, line: lineOf }),
    heldUntil: (keys) => {
      const answer = limits.take(keys, demandOn(...keys));
      if (answer instanceof Promise) throw new Error('Expected a local store to answer at once');
      if ('release' in answer) answer.release();
      else if (answer.reason === 'quota') return clock.now() + (answer.retryInMs ?? 0);
      return undefined;
    },
  };
}

/** A turn at a gate that has only limits. It waits for as long as they say. */
function turnFor(
  clock: ManualClock,
  limits: LimitStore,
  { demand, line }: { readonly demand: KeyedDemand; readonly line: (keys: readonly LimitKey[]) => Line },
): Observable<Admission<LimitLease>> {
  const { keys, isReturned = false } = demand;
  return new Observable((subscriber) => {
    const parts = admissionParts(clock, {
      limits: { ...limits, take: () => limits.take(keys, demand) },
      retry: { ...RETRY, maxRetryAfterMs: Infinity },
    });
    const events = new Observable<GenerationEvent>((waits) => {
      const turn = new Turn(
        {
          gates: new AttemptGates(parts, aRequest(), { budgets: new Budgets(parts), choice: undefined }),
          line: line(keys),
          subscriber: waits,
          left: () => undefined,
          admitted: (leases) => {
            subscriber.next({ type: 'admitted', lease: leases.limits });
            subscriber.complete();
          },
        },
        isReturned,
      );
      waits.add(() => turn.cancel());
      turn.begin();
    });
    return events.subscribe({
      next: (event) => event.type === 'waiting' && subscriber.next(event),
      error: (error: unknown) => subscriber.error(error),
    });
  });
}

/** A request of these keys that needs no tokens. */
export function demandOn(...keys: readonly LimitKey[]): KeyedDemand {
  return { keys, promptTokens: 0, outputCap: 0 };
}

/** A caller that asks to be admitted. */
export function apply(limiter: LocalLimiter, ...keys: readonly LimitKey[]): Entrant<LimitLease> {
  return enter(limiter.acquire(demandOn(...keys)));
}
