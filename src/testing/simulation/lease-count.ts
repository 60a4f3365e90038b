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
    return this.counted(lease, (_, end) => ({
      sent: () => {
        isSent = true;
        lease.sent();
      },
      release: () => {
        if (!isSent) end();
        lease.release();
      },
      settle: (used) => {
        if (isSent) end();
        lease.settle(used);
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
    return source.pipe(
      map((step) => (step.type === 'admitted' ? { type: 'admitted', lease: this.counted(step.lease, endings) } : step)),
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

/** Runs `end` first. */
function before<A extends readonly unknown[]>(end: () => void, run: (...given: A) => void): (...given: A) => void {
  return (...given) => {
    end();
    run(...given);
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
