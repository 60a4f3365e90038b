import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import type { PartObserver } from '../../assembly/parts/part-observer.js';
import type {
  Admission,
  Breakers,
  Lease,
  LimitLease,
  LimitStore,
  Reservation,
  Slots,
  Spending,
} from '../../core/ports.js';
import { hasMethods } from '../../core/util/has-methods.js';
import { afterwards } from '../../core/util/maybe-promise.js';
import { once } from '../../core/util/once.js';

/** Counts the leases that a process holds, as the parts that have issued them see it. */
export class LeaseCount implements PartObserver {
  /** Limits, slots, passes of breakers, and reservations that were not given back yet. */
  held = 0;

  /** A limit is given back by `release`, or, once its request was sent, by `settle`. */
  limits(store: LimitStore): LimitStore {
    return withMethods(store, {
      take: (keys, demand) =>
        afterwards(store.take(keys, demand), (answer) =>
          hasMethods(answer, 'isValid', 'sent', 'settle', 'release') ? this.limit(answer as LimitLease) : answer,
        ),
    });
  }

  breakers(breakers: Breakers): Breakers {
    return withMethods(breakers, {
      acquire: (key, options) =>
        this.admitted(breakers.acquire(key, options), (pass, end) => ({
          release: before(end, () => pass.release()),
          record: before(end, (verdict) => pass.record(verdict)),
        })),
    });
  }

  slots(slots: Slots): Slots {
    return withMethods(slots, {
      acquire: (key, options) =>
        this.admitted(slots.acquire(key, options), (slot, end) => ({ release: before(end, () => slot.release()) })),
    });
  }

  spending(spending: Spending): Spending {
    return withMethods(spending, {
      reserve: (demands) =>
        afterwards(spending.reserve(demands), (answer) =>
          hasMethods(answer, 'isValid', 'settle', 'release') ? this.reservation(answer as Reservation) : answer,
        ),
    });
  }

  private limit(lease: LimitLease): LimitLease {
    let isSent = false;
    const given: Reporting<LimitLease> = lease;
    return this.counted(lease, (_, end) => ({
      sent: () => {
        isSent = true;
        return given.sent();
      },
      release: () => {
        if (!isSent) end();
        return given.release();
      },
      settle: (used) => {
        if (isSent) end();
        return given.settle(used);
      },
    }));
  }

  private reservation(reservation: Reservation): Reservation {
    return this.counted(reservation, (_, end) => ({
      release: before(end, () => reservation.release()),
      settle: before(end, (used) => reservation.settle(used)),
    }));
  }

  private admitted<L extends Lease>(source: Observable<Admission<L>>, endings: Endings<L>): Observable<Admission<L>> {
    // A part may return anything; the fence deals with that.
    if (!hasMethods(source, 'pipe', 'subscribe')) return source;
    return source.pipe(
      map((step) => {
        const lease = leaseIn(step);
        return hasMethods(lease, 'release') ? { type: 'admitted', lease: this.counted(lease as L, endings) } : step;
      }),
    );
  }

  private counted<L extends Lease>(lease: L, endings: Endings<L>): L {
    this.held += 1;
    const end = once(() => {
      this.held -= 1;
    });
    return withMethods(lease, endings(lease, end));
  }
}

/** The methods of a lease that give it back: each calls `end`. */
type Endings<L> = (lease: L, end: () => void) => Partial<L>;

function leaseIn(step: unknown): unknown {
  return typeof step === 'object' && step !== null && 'lease' in step ? step.lease : undefined;
}

/** A lease whose methods may return something, such as a promise that rejects, against their types. */
type Reporting<L> = {
  readonly [N in keyof L]: L[N] extends (...given: infer A) => void ? (...given: A) => unknown : L[N];
};

/** Runs `end` first. What a method returns, against its type, goes to the fence. */
function before<A extends readonly unknown[]>(
  end: () => void,
  run: (...given: A) => unknown,
): (...given: A) => unknown {
  return (...given) => {
    end();
    return run(...given);
  };
}

/** An object with some of its methods replaced. The others run on the object itself. */
function withMethods<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get: (target, name): unknown => {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
