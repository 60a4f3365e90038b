import { Subject } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import { money, toDollars } from '../../core/money.js';
import { isAccountDollars, isTotal } from '../../core/outside/numbers.js';
import type { Money } from '../../core/money.js';
import type {
  MaybePromise,
  Reservation,
  Spending,
  SpendingDemand,
  SpendingRefusal,
  StateStore,
} from '../../core/ports.js';
import { dayOf } from '../../core/util/calendar.js';
import { afterwards, isPromise } from '../../core/util/maybe-promise.js';
import { once } from '../../core/util/once.js';

/** One scope's account. Money is exact. */
interface Account {
  tokens: number;
  spent: Money;
  reservedTokens: number;
  reservedMoney: Money;
  /** The dearest attempt so far: what the next one is expected to cost at most. */
  dearest: Money;
  /** Settled amounts on their way into the store. */
  unstored: Spent;
}

interface Spent {
  readonly tokens: number;
  readonly spent: Money;
}

const NOTHING: Spent = { tokens: 0, spent: 0n };

/** The spending of one process; that of the day is kept in the state store. */
export function localSpending(clock: Clock, store: StateStore): Spending {
  const ledger = new Ledger(clock, store);
  return { reserve: (demands) => ledger.reserve(demands), changes$: ledger.changes.asObservable() };
}

class Ledger {
  readonly changes = new Subject<void>();
  private readonly accounts = new Map<string, Account>();

  constructor(
    private readonly clock: Clock,
    private readonly store: StateStore,
  ) {}

  reserve(demands: readonly SpendingDemand[]): MaybePromise<Reservation | SpendingRefusal> {
    const daily = demands.find(({ isDaily }) => isDaily);
    return daily === undefined
      ? this.reserveNow(demands)
      : afterwards(this.refresh(this.nameOf(daily)), () => this.reserveNow(demands));
  }

  /** All or none, by what this process knows. */
  private reserveNow(demands: readonly SpendingDemand[]): Reservation | SpendingRefusal {
    for (const demand of demands) {
      const account = this.accountOf(this.nameOf(demand));
      if (!hasRoom(account, demand))
        return {
          refusedScope: demand.scope,
          mayFitLater: hasRoom({ ...account, reservedTokens: 0, reservedMoney: 0n }, demand),
        };
    }
    const parts = demands.map((demand) => this.part(demand));
    const settle = once((used: { readonly tokens: number; readonly usd: number }) => {
      for (const part of parts) part(used);
      this.changes.next();
    });
    return { isValid: () => true, settle, release: () => settle({ tokens: 0, usd: 0 }) };
  }

  /** Reserves in one scope. Returns the function that settles it. */
  private part(demand: SpendingDemand): (used: { readonly tokens: number; readonly usd: number }) => void {
    const name = this.nameOf(demand);
    const account = this.accountOf(name);
    const { dearest } = account;
    account.reservedTokens += demand.tokens;
    account.reservedMoney += dearest;
    return ({ tokens, usd }) => {
      const cost = money(usd);
      account.reservedTokens -= demand.tokens;
      account.reservedMoney -= dearest;
      if (cost > account.dearest) account.dearest = cost;
      const used: Spent = { tokens, spent: cost };
      Object.assign(account, sum(account, used));
      if (demand.isDaily && (tokens > 0 || cost > 0n)) this.addStored(name, used);
    };
  }

  private nameOf({ scope, isDaily }: SpendingDemand): string {
    return isDaily ? `spending/${scope}/${dayOf(this.clock.now())}` : `spending/${scope}`;
  }

  private accountOf(name: string): Account {
    const known = this.accounts.get(name);
    if (known !== undefined) return known;
    const account = { tokens: 0, spent: 0n, reservedTokens: 0, reservedMoney: 0n, dearest: 0n, unstored: NOTHING };
    this.accounts.set(name, account);
    return account;
  }

  /** Reads what all processes have spent, and adds what is still on its way into the store. */
  private refresh(name: string): MaybePromise<void> {
    return afterwards(
      this.store.update(name, (old) => old),
      (stored) => {
        const account = this.accountOf(name);
        const known = readSpent(stored);
        if (known !== undefined) Object.assign(account, sum(known, account.unstored));
      },
    );
  }

  /** Runs in the background. A store that fails has been counted and logged by its fence. */
  private addStored(name: string, used: Spent): void {
    const account = this.accountOf(name);
    account.unstored = sum(account.unstored, used);
    const stored = (): void => {
      account.unstored = difference(account.unstored, used);
    };
    try {
      const updated = this.store.update(name, (old) => asStored(sum(readSpent(old) ?? NOTHING, used)));
      if (isPromise(updated)) updated.then(stored, () => undefined);
      else stored();
    } catch {
      // As above.
    }
  }
}

function sum(a: Spent, b: Spent): Spent {
  return { tokens: a.tokens + b.tokens, spent: a.spent + b.spent };
}

function difference(a: Spent, b: Spent): Spent {
  return { tokens: a.tokens - b.tokens, spent: a.spent - b.spent };
}

function hasRoom(account: Account, { limit, tokens }: SpendingDemand): boolean {
  const { spent, reservedTokens, reservedMoney, dearest } = account;
  const hasTokens = limit.tokens === 0 || account.tokens + reservedTokens + tokens <= limit.tokens;
  return hasTokens && (limit.usd === 0 || spent + reservedMoney + dearest < money(limit.usd));
}

function asStored({ tokens, spent }: Spent): unknown {
  return { tokens, usd: toDollars(spent) };
}

function readSpent(value: unknown): Spent | undefined {
  if (typeof value !== 'object' || value === null || !('tokens' in value) || !('usd' in value)) return undefined;
  return isTotal(value.tokens) && isAccountDollars(value.usd)
    ? { tokens: value.tokens, spent: money(value.usd) }
    : undefined;
}
