import { money } from '../../core/money.js';
import type { OverBudget, SpendingBalance, SpendingDemand, SpendingUse } from '../../core/ports.js';
import { dayOf } from '../../core/util/calendar.js';
import { HELD_MS, SpendingAccount } from './spending-account.js';

/** The amounts of one attempt, and the name by which they are settled. */
export interface AttemptDemands {
  readonly id: string;
  readonly demands: readonly SpendingDemand[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What was reserved in one account. */
export interface HeldIn {
  readonly name: string;
  readonly id: string;
}

const DAILY = /^(.*)\/(\d+)$/;

/** Accounts by scope, of this process or of all that share a store. */
export class SpendingAccounts {
  private readonly accounts = new Map<string, SpendingAccount>();

  /** Reads stored accounts. */
  static parse(value: unknown, now: number): SpendingAccounts {
    const all = new SpendingAccounts();
    if (typeof value !== 'object' || value === null) return all;
    for (const [name, account] of Object.entries(value)) all.accounts.set(name, SpendingAccount.parse(account, now));
    return all;
  }

  toJSON(): object {
    return Object.fromEntries([...this.accounts].map(([name, account]) => [name, account.toJSON()]));
  }

  /** Reserves all amounts or none. */
  reserve(attempt: AttemptDemands): readonly HeldIn[] | OverBudget {
    return this.refusalOf(attempt) ?? this.hold(attempt);
  }

  /** Returns why the amounts do not fit; undefined if they do. */
  refusalOf({ id, demands, now }: AttemptDemands): OverBudget | undefined {
    const wanted = demands.map((demand) => ({ demand, account: this.accountOf(this.nameOf(demand, now)) }));
    const fits = wanted.map(({ demand, account }) => {
      account.expire(now);
      return { demand, fit: account.isHeld(id) ? ('now' as const) : account.fit(demand) };
    });
    const refused = fits.find(({ fit }) => fit === 'never') ?? fits.find(({ fit }) => fit === 'later');
    if (refused === undefined) return undefined;
    return {
      refusedScope: refused.demand.scope,
      mayFitLater: refused.fit === 'later',
      balances: wanted.map(({ demand, account }) => ({ scope: demand.scope, ...account.balance })),
    };
  }

  /** Reserves all amounts, after `refusalOf` has returned undefined. */
  hold({ id, demands, now }: AttemptDemands): readonly HeldIn[] {
    return demands.map((demand) => {
      const name = this.nameOf(demand, now);
      this.accountOf(name).hold(id, holdOf(demand, now));
      return { name, id };
    });
  }

  settle(held: readonly HeldIn[], used: SpendingUse): void {
    for (const { name, id } of held) this.accountOf(name).settle(id, used);
  }

  /** Whether others hold an amount in one of these scopes. */
  areHeldByOthers({ demands, now }: AttemptDemands, isOwn: (id: string) => boolean): boolean {
    return demands.some((demand) => this.accountOf(this.nameOf(demand, now)).isHeldByOthers(isOwn));
  }

  balances(now: number): readonly SpendingBalance[] {
    const today = this.today(now);
    return [...this.accounts].flatMap(([name, account]) => {
      account.expire(now);
      const [, scope, day] = name.startsWith('label/') ? [] : (DAILY.exec(name) ?? []);
      if (day !== undefined && Number(day) !== today) return [];
      return [{ scope: scope ?? name, ...account.balance }];
    });
  }

  /** Forgets the days before yesterday. */
  forgetOldDays(now: number): void {
    for (const name of this.accounts.keys()) {
      const day = dayIn(name);
      if (day !== undefined && day < this.today(now) - 1) this.accounts.delete(name);
    }
  }

  private nameOf({ scope, isDaily }: SpendingDemand, now: number): string {
    return isDaily ? `${scope}/${this.today(now)}` : scope;
  }

  /** A clock that is set a day forth and back does not begin a day twice. */
  private today(now: number): number {
    const day = dayOf(now);
    for (const name of this.accounts.keys()) if (dayIn(name) === day + 1) return day + 1;
    return day;
  }

  private accountOf(name: string): SpendingAccount {
    const known = this.accounts.get(name);
    if (known !== undefined) return known;
    const account = new SpendingAccount();
    this.accounts.set(name, account);
    return account;
  }
}

function dayIn(name: string): number | undefined {
  const day = name.startsWith('label/') ? undefined : DAILY.exec(name)?.[2];
  return day === undefined ? undefined : Number(day);
}

function holdOf({ tokens, usd, unbounded }: SpendingDemand, now: number) {
  return { tokens, usd: money(usd), until: now + HELD_MS, ...(unbounded !== undefined && { unbounded }) };
}
