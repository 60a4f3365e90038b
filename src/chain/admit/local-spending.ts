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
import type { ProcessMarks } from './process-marks.js';
import { HELD_MS } from './spending-account.js';
import { OWN_HOLDS, SpendingAccounts } from './spending-accounts.js';
import type { AttemptDemands, HeldIn, HoldOwners } from './spending-accounts.js';

/** The key of all kept accounts. They change together: an attempt is reserved in all of them or in none. */
const KEY = 'spending';
/** What a running attempt holds is stored anew with the next change after this time, so that it does not become too old. */
const RENEWED_AFTER_MS = HELD_MS / 2;

/** The parts of `localSpending`. */
export interface LocalSpendingParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Keeps the scopes that outlive the process. Processes that share it see what the others have reserved. */
  readonly store: StateStore;
  /** Names this process in the store, and knows which others have died. Left out where processes cannot be told apart. */
  readonly processes?: ProcessMarks | undefined;
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
  /** The scopes that end with the process. What is held in them is settled, or ends with it. */
  private readonly own = new SpendingAccounts(OWN_HOLDS);
  /** What running attempts hold in the store, by id, in the order of the times at which it was last stored. */
  private readonly open = new Map<string, StoredHold>();
  /** Settlements that the store did not take, by id. They are made with its next change. */
  private readonly unsettled = new Map<string, Settlement>();
  private readonly name: string;
  private readonly owners: HoldOwners;
  private count = 0;

  constructor(private readonly parts: LocalSpendingParts) {
    const { processes, random } = parts;
    this.name = `${processes?.own ?? ''}-${randomId(random)}-`;
    this.owners = {
      isOpen: (id) => this.open.has(id),
      isGone: (id) => processes?.isGone(id.slice(0, id.indexOf('-'))) === true,
    };
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
      (stored) => [...this.own.balances(now), ...this.parse(stored, now).balances(now)],
    );
  }

  private reserveKept(attempt: AttemptDemands): MaybePromise<readonly HeldIn[] | OverBudget> {
    let answer: readonly HeldIn[] | OverBudget = [];
    let isGivenUp = false;
    const giveUp = (error: unknown): never => {
      isGivenUp = true;
      // The store may have reserved it all the same, and answer too late.
      if (isHeld(answer) && answer.length > 0)
        this.unsettled.set(attempt.id, { held: answer, used: NOTHING, until: attempt.now + HELD_MS });
      throw error;
    };
    const reserve = (accounts: SpendingAccounts): boolean => {
      if (isGivenUp) return false;
      const reserved = accounts.reserve(attempt);
      answer = isHeld(reserved) ? reserved : this.refusal(reserved, accounts, attempt);
      accounts.forgetOldPeriods(attempt.now);
      return isHeld(answer);
    };
    try {
      const updated = this.update(attempt.now, reserve);
      return isPromise(updated) ? updated.then(() => answer, giveUp) : answer;
    } catch (error) {
      return giveUp(error);
    }
  }

  /**
   * Changes the stored accounts. What was not settled before is settled, and what running attempts hold is made to last.
   * @param change returns whether there is something to store
   */
  private update(now: number, change: (accounts: SpendingAccounts) => boolean): MaybePromise<unknown> {
    const late = [...this.unsettled];
    const old = this.oldHolds(now);
    let found: ReadonlySet<string> = new Set();
    const updated = this.parts.store.update(KEY, (stored) => {
      const accounts = this.parse(stored, now);
      found = new Set(late.flatMap(([id, { held, used }]) => (accounts.settleAgain(held, used) ? [id] : [])));
      for (const { held } of old) accounts.renew(held, now);
      const isChanged = change(accounts) || found.size > 0 || old.length > 0 || accounts.isMended;
      return isChanged ? accounts.toJSON() : stored;
    });
    return afterwards(updated, () => {
      for (const [id, settlement] of late) {
        const isOver = found.has(id) || (settlement.until ?? -Infinity) <= now;
        if (isOver && this.unsettled.get(id) === settlement) this.unsettled.delete(id);
      }
      for (const { held } of old) this.noteStored(held, now);
      if (found.size > 0) this.changes.next();
    });
  }

  private parse(stored: unknown, now: number): SpendingAccounts {
    return SpendingAccounts.parse(stored, now, this.owners);
  }

  private oldHolds(now: number): readonly StoredHold[] {
    const old: StoredHold[] = [];
    for (const hold of this.open.values()) {
      if (hold.at + RENEWED_AFTER_MS > now) break;
      old.push(hold);
    }
    return old;
  }

  private noteStored(held: readonly HeldIn[], now: number): void {
    const [first] = held;
    if (first === undefined || !this.open.delete(first.id)) return;
    this.open.set(first.id, { held, at: now });
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
    const isOthers = accounts.areHeldByOthers(attempt, (id) => this.open.has(id));
    return refusal.mayFitLater && isOthers ? { retryInMs: ASK_AGAIN_MS, ...refusal } : refusal;
  }

  private reservation(own: readonly HeldIn[], kept: readonly HeldIn[]): Reservation {
    const [first] = kept;
    if (first !== undefined) this.open.set(first.id, { held: kept, at: this.parts.clock.now() });
    const settle = once((used: SpendingUse) => {
      this.own.settle(own, used);
      if (first === undefined) this.changes.next();
      else this.settleKept(first.id, { held: kept, used });
    });
    return { isValid: () => true, settle, release: () => settle({ tokens: 0, usd: 0 }) };
  }

  /** Runs in the background. If the store fails, which its fence counts and logs, it is done with the next change. */
  private settleKept(id: string, { held, used }: Settlement): void {
    this.open.delete(id);
    // The store may make the change again, or too late: it may be settled by then.
    let isAgain = false;
    const settled = (): void => this.changes.next();
    const failed = (): void => {
      isAgain = true;
      this.unsettled.set(id, { held, used });
      this.changes.next();
    };
    try {
      const updated = this.update(this.parts.clock.now(), (accounts) => {
        if (isAgain) return accounts.settleAgain(held, used);
        isAgain = true;
        accounts.settle(held, used);
        return true;
      });
      if (isPromise(updated)) updated.then(settled, failed);
      else settled();
    } catch {
      failed();
    }
  }
}

/** Amounts that a running attempt holds in the store. */
interface StoredHold {
  readonly held: readonly HeldIn[];
  /** When they were stored, in epoch milliseconds. */
  readonly at: number;
}

interface Settlement {
  readonly held: readonly HeldIn[];
  readonly used: SpendingUse;
  /** Epoch milliseconds until which what is held may still come into the store. Left out if it is there. */
  readonly until?: number;
}

const NOTHING: SpendingUse = { tokens: 0, usd: 0 };

function isHeld(answer: readonly HeldIn[] | OverBudget): answer is readonly HeldIn[] {
  return Array.isArray(answer);
}
