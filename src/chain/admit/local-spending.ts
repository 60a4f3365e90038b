import { Subject } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import type {
  MaybePromise,
  OverBudget,
  Reservation,
  Spending,
  SpendingBalance,
  SpendingDemand,
  SpendingRefusal,
  SpendingUse,
  StateStore,
} from '../../core/ports.js';
import { ASK_AGAIN_MS } from '../../core/util/ask-again.js';
import { afterwards, isPromise } from '../../core/util/maybe-promise.js';
import { once } from '../../core/util/once.js';
import { randomId } from '../../core/util/random-id.js';
import { SpendingAccounts } from './spending-accounts.js';
import type { AttemptDemands, HeldIn } from './spending-accounts.js';

/** The key of all kept accounts. They change together: an attempt is reserved in all of them or in none. */
const KEY = 'spending';

/** The parts of `localSpending`. */
export interface LocalSpendingParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Keeps the scopes that outlive the process. Processes that share it see what the others have reserved. */
  readonly store: StateStore;
}

/** The spending of one process. */
export function localSpending(parts: LocalSpendingParts): Spending {
  const ledger = new Ledger(parts);
  return {
    reserve: (demands) => ledger.reserve(demands),
    balances: () => ledger.balances(),
    changes$: ledger.changes.asObservable(),
  };
}

type Answer = Reservation | SpendingRefusal;

class Ledger {
  readonly changes = new Subject<void>();
  /** The scopes that end with the process. */
  private readonly own = new SpendingAccounts();
  private readonly name: string;
  private count = 0;

  constructor(private readonly parts: LocalSpendingParts) {
    this.name = `${randomId(parts.random)}-`;
  }

  /**
   * Nothing is held in this process until the store has answered: what is held for a moment and given back would make
   * others wait.
   */
  reserve(demands: readonly SpendingDemand[]): MaybePromise<Answer> {
    const attempt = { id: `${this.name}${(this.count += 1)}`, now: this.parts.clock.now() };
    const own = { ...attempt, demands: demands.filter(({ isKept }) => isKept !== true) };
    const refusal = this.own.refusalOf(own);
    if (refusal !== undefined) return refusal;
    const kept = { ...attempt, demands: demands.filter(({ isKept }) => isKept === true) };
    if (kept.demands.length === 0) return this.reservation(this.own.hold(own), []);
    return afterwards(this.reserveKept(kept), (held) => (isHeld(held) ? this.reserveOwn(own, held) : held));
  }

  balances(): MaybePromise<readonly SpendingBalance[]> {
    const now = this.parts.clock.now();
    return afterwards(
      this.parts.store.update(KEY, (old) => old),
      (stored) => [...this.own.balances(now), ...SpendingAccounts.parse(stored, now).balances(now)],
    );
  }

  private reserveKept(attempt: AttemptDemands): MaybePromise<readonly HeldIn[] | OverBudget> {
    let answer: readonly HeldIn[] | OverBudget = [];
    const updated = this.parts.store.update(KEY, (old) => {
      const accounts = SpendingAccounts.parse(old, attempt.now);
      const reserved = accounts.reserve(attempt);
      answer = isHeld(reserved) ? reserved : this.refusal(reserved, accounts, attempt);
      if (!isHeld(answer)) return old;
      accounts.forgetOldDays(attempt.now);
      return accounts.toJSON();
    });
    return afterwards(updated, () => answer);
  }

  /** Another attempt may have taken the room while the store was asked. */
  private reserveOwn(own: AttemptDemands, kept: readonly HeldIn[]): Answer {
    const refusal = this.own.refusalOf(own);
    if (refusal === undefined) return this.reservation(this.own.hold(own), kept);
    this.reservation([], kept).release();
    return refusal;
  }

  /** Other processes do not signal when they settle. */
  private refusal(refusal: OverBudget, accounts: SpendingAccounts, attempt: AttemptDemands): OverBudget {
    const isOthers = accounts.areHeldByOthers(attempt, (id) => id.startsWith(this.name));
    return refusal.mayFitLater && isOthers ? { retryInMs: ASK_AGAIN_MS, ...refusal } : refusal;
  }

  private reservation(own: readonly HeldIn[], kept: readonly HeldIn[]): Reservation {
    const settle = once((used: SpendingUse) => {
      this.own.settle(own, used);
      this.settleKept(kept, used);
    });
    return { isValid: () => true, settle, release: () => settle({ tokens: 0, usd: 0 }) };
  }

  /** Runs in the background. If the store fails, which its fence counts and logs, the amount stays held. */
  private settleKept(held: readonly HeldIn[], used: SpendingUse): void {
    const settled = (): void => this.changes.next();
    if (held.length === 0) {
      settled();
      return;
    }
    const now = this.parts.clock.now();
    try {
      const updated = this.parts.store.update(KEY, (old) => {
        const accounts = SpendingAccounts.parse(old, now);
        accounts.settle(held, used);
        return accounts.toJSON();
      });
      if (isPromise(updated)) updated.then(settled, settled);
      else settled();
    } catch {
      settled();
    }
  }
}

function isHeld(answer: readonly HeldIn[] | OverBudget): answer is readonly HeldIn[] {
  return Array.isArray(answer);
}
