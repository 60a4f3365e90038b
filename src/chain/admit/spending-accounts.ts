import { money } from '../../core/money.js';
import type { OverBudget, SpendingBalance, SpendingDemand, SpendingUse } from '../../core/ports.js';
import { nameOfPeriod, periodIn, presentPeriod, unitOf } from './account-period.js';
import type { AccountPeriod } from './account-period.js';
import { HELD_MS, SpendingAccount } from './spending-account.js';

/** The amounts of one attempt, and the name by which they are settled. */
export interface AttemptDemands {
  readonly id: string;
  readonly demands: readonly SpendingDemand[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What is known of the attempts that hold something. */
export interface HoldOwners {
  /** Whether a hold belongs to a running attempt of this process, so that it does not become too old. */
  readonly isOpen: (id: string) => boolean;
  /** Whether a hold belongs to a process that has died. */
  readonly isGone: (id: string) => boolean;
}

/** The holds of this process alone, which are settled, or end with it. */
export const OWN_HOLDS: HoldOwners = { isOpen: () => true, isGone: () => false };

/** What was reserved in one account. */
export interface HeldIn {
  readonly name: string;
  readonly id: string;
}

/**
 * Accounts by scope, of this process or of all that share a store. An account is read when it is needed: an attempt needs a
 * few of them, and there is one for each book.
 */
export class SpendingAccounts {
  private readonly accounts = new Map<string, SpendingAccount>();
  private stored: Readonly<Record<string, unknown>> = {};
  private readAt = 0;
  private hasNewPeriod = false;

  constructor(private readonly owners: HoldOwners) {}

  /** Takes stored accounts. */
  static parse(value: unknown, now: number, owners: HoldOwners): SpendingAccounts {
    const all = new SpendingAccounts(owners);
    all.readAt = now;
    if (typeof value === 'object' && value !== null) all.stored = value as Readonly<Record<string, unknown>>;
    return all;
  }

  /** Whether an account that was read was not valid or out of date, so that it has to be stored as it counts. */
  get isMended(): boolean {
    return [...this.accounts.values()].some((account) => account.isMended);
  }

  toJSON(): object {
    const read = [...this.accounts].map(([name, account]) => [name, account.toJSON()] as const);
    return Object.assign({}, this.stored, Object.fromEntries(read));
  }

  /** Reserves all amounts or none. */
  reserve(attempt: AttemptDemands): readonly HeldIn[] | OverBudget {
    return this.refusalOf(attempt) ?? this.hold(attempt);
  }

  /** Returns why the amounts do not fit; undefined if they do. What dead processes hold keeps no attempt waiting. */
  refusalOf(attempt: AttemptDemands): OverBudget | undefined {
    const refusal = this.refusalAsHeld(attempt);
    if (refusal?.mayFitLater !== true || !this.spendGone(attempt)) return refusal;
    return this.refusalAsHeld(attempt);
  }

  private spendGone({ demands, now }: AttemptDemands): boolean {
    const accounts = demands.map((demand) => this.accountOf(this.nameOf(demand, now)));
    return accounts.map((account) => account.spendGone(this.owners.isGone)).includes(true);
  }

  private refusalAsHeld({ id, demands, now }: AttemptDemands): OverBudget | undefined {
    const wanted = demands.map((demand) => ({ demand, account: this.accountOf(this.nameOf(demand, now)) }));
    const fits = wanted.map(({ demand, account }) => {
      account.expire(now, this.owners.isOpen);
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

  /**
   * Settles what was to be settled before. What is not held any more has been settled already.
   * @returns whether something was held
   */
  settleAgain(held: readonly HeldIn[], used: SpendingUse): boolean {
    const open = held.filter(({ name, id }) => this.accountOf(name).isHeld(id));
    this.settle(open, used);
    return open.length > 0;
  }

  /** Makes amounts last for another ten minutes. */
  renew(held: readonly HeldIn[], now: number): void {
    for (const { name, id } of held) this.accountOf(name).renew(id, now + HELD_MS);
  }

  /** Whether others hold an amount in one of these scopes. */
  areHeldByOthers({ demands, now }: AttemptDemands, isOwn: (id: string) => boolean): boolean {
    return demands.some((demand) => this.accountOf(this.nameOf(demand, now)).isHeldByOthers(isOwn));
  }

  balances(now: number): readonly SpendingBalance[] {
    const names = new Set([...Object.keys(this.stored), ...this.accounts.keys()]);
    return [...names].flatMap((name) => {
      const account = this.accountOf(name);
      account.expire(now, this.owners.isOpen);
      const period = periodIn(name);
      if (period !== undefined && period.index !== this.present(period, now).index) return [];
      return [{ scope: period?.scope ?? name, ...account.balance }];
    });
  }

  /** Forgets the days and months before the last one when a new one begins. */
  forgetOldPeriods(now: number): void {
    if (!this.hasNewPeriod) return;
    const isOld = (name: string): boolean => {
      const period = periodIn(name);
      return period !== undefined && period.index < this.present(period, now).index - 1;
    };
    this.stored = Object.fromEntries(Object.entries(this.stored).filter(([name]) => !isOld(name)));
    for (const name of this.accounts.keys()) if (isOld(name)) this.accounts.delete(name);
  }

  private nameOf(demand: SpendingDemand, now: number): string {
    const unit = unitOf(demand);
    return unit === undefined ? demand.scope : nameOfPeriod(this.present({ scope: demand.scope, unit }, now));
  }

  private present(of: Omit<AccountPeriod, 'index'>, now: number): AccountPeriod {
    return presentPeriod(of, now, (name) => this.accounts.has(name) || Object.hasOwn(this.stored, name));
  }

  private accountOf(name: string): SpendingAccount {
    const known = this.accounts.get(name);
    if (known !== undefined) return known;
    const isStored = Object.hasOwn(this.stored, name);
    const account = isStored ? SpendingAccount.parse(this.stored[name], this.readAt) : new SpendingAccount();
    this.hasNewPeriod ||= !isStored && periodIn(name) !== undefined;
    this.accounts.set(name, account);
    return account;
  }
}

function holdOf({ tokens, usd, unbounded }: SpendingDemand, now: number) {
  return { tokens, usd: money(usd), until: now + HELD_MS, ...(unbounded !== undefined && { unbounded }) };
}
