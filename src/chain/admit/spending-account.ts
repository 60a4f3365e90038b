import { money, toDecimal, toDollars } from '../../core/money.js';
import type { Money } from '../../core/money.js';
import type { SpendingAmounts, SpendingDemand, SpendingUse } from '../../core/ports.js';

/** After this time an amount that is held counts as spent. A later figure corrects it. */
export const HELD_MS = 600_000;
/** A process that has died never settles what it held. After this time its holds are forgotten; they stay spent. */
const REMEMBERED_MS = 86_400_000;
/** After so many attempts in a row without a cost, a model is not tried any more: a single one while no cost is known. */
const MOST_WITHOUT_COST = 3;

/** An amount reserved for one attempt. */
export interface Hold {
  readonly tokens: number;
  readonly usd: Money;
  /** Epoch milliseconds. */
  readonly until: number;
  /** The provider and model, if the amounts are not known. */
  readonly unbounded?: string;
  /** It counts as spent by now. */
  readonly isSpent?: boolean;
}

/** Whether a demand fits: now, once all holds are settled, or never. */
export type Fit = 'now' | 'later' | 'never';

/** Tokens and exact money. */
interface Sum {
  readonly tokens: number;
  readonly usd: Money;
}

const NOTHING: Sum = { tokens: 0, usd: 0n };

/** The account of one scope. Money is exact. */
export class SpendingAccount {
  private spent = NOTHING;
  private reserved = NOTHING;
  private readonly holds = new Map<string, Hold>();
  /** The dearest attempt so far whose cost was named. */
  private dearest: Money = 0n;
  /** Attempts in a row that ended without a cost, by provider and model. */
  private readonly withoutCost = new Map<string, number>();

  /** Whether a stored account was not valid or out of date. What counts in its place has to be stored. */
  isMended = false;

  /** Reads a stored account. A value that is not valid counts as 0. */
  static parse(value: unknown, now: number): SpendingAccount {
    const account = new SpendingAccount();
    const { tokens, usd, dearest, holds, withoutCost } = recordOf(value);
    account.spent = { tokens: countOf(tokens), usd: moneyOf(usd) };
    account.dearest = moneyOf(dearest);
    for (const [model, count] of Object.entries(recordOf(withoutCost))) account.withoutCost.set(model, countOf(count));
    for (const [id, stored] of Object.entries(recordOf(holds))) {
      const hold = holdOf(stored, now);
      account.isMended ||= hold.until !== recordOf(stored).until;
      account.holds.set(id, hold);
      if (hold.isSpent !== true) account.reserved = plus(account.reserved, hold);
    }
    return account;
  }

  toJSON(): object {
    const { spent, dearest, holds, withoutCost } = this;
    const stored = [...holds].map(([id, hold]) => [id, { ...hold, usd: toDecimal(hold.usd) }]);
    return {
      tokens: spent.tokens,
      usd: toDecimal(spent.usd),
      ...(dearest > 0n && { dearest: toDecimal(dearest) }),
      ...(holds.size > 0 && { holds: Object.fromEntries(stored) as Record<string, unknown> }),
      ...(withoutCost.size > 0 && { withoutCost: Object.fromEntries(withoutCost) }),
    };
  }

  get balance(): { readonly spent: SpendingAmounts; readonly reserved: SpendingAmounts } {
    return { spent: inDollars(this.spent), reserved: inDollars(this.reserved) };
  }

  /** Whether a hold belongs to another process. */
  isHeldByOthers(isOwn: (id: string) => boolean): boolean {
    return [...this.holds].some(([id, { isSpent }]) => isSpent !== true && !isOwn(id));
  }

  /**
   * Counts holds that are too old as spent.
   * @param now epoch milliseconds
   * @param isOpen whether a hold is known to belong to a running attempt
   */
  expire(now: number, isOpen: (id: string) => boolean): void {
    for (const [id, hold] of this.holds) {
      // They stand in the order of their times.
      if (hold.until > now) return;
      if (hold.isSpent !== true && isOpen(id)) continue;
      if (hold.until + REMEMBERED_MS <= now) this.holds.delete(id);
      if (hold.isSpent !== true) this.spend(id, hold);
    }
  }

  /** Counts holds of processes that have died as spent. Returns whether there were any. */
  spendGone(isGone: (id: string) => boolean): boolean {
    const gone = [...this.holds].filter(([id, { isSpent }]) => isSpent !== true && isGone(id));
    for (const [id, hold] of gone) this.spend(id, hold);
    this.isMended ||= gone.length > 0;
    return gone.length > 0;
  }

  /** Makes a hold last, since its attempt runs. @param until epoch milliseconds */
  renew(id: string, until: number): void {
    const hold = this.holds.get(id);
    if (hold === undefined || hold.isSpent === true) return;
    this.holds.delete(id);
    this.holds.set(id, { ...hold, until });
  }

  fit(demand: SpendingDemand): Fit {
    const { unbounded } = demand;
    const most = this.dearest > 0n ? MOST_WITHOUT_COST : 1;
    if (unbounded !== undefined && (this.withoutCost.get(unbounded) ?? 0) >= most) return 'never';
    if (!hasRoom(this.spent, demand)) return 'never';
    const isAlone = unbounded === undefined || !this.hasUnbounded();
    return isAlone && hasRoom(plus(this.spent, this.reserved), demand) ? 'now' : 'later';
  }

  /** A store may apply a change twice. */
  isHeld(id: string): boolean {
    return this.holds.has(id);
  }

  hold(id: string, hold: Hold): void {
    if (this.holds.has(id)) return;
    this.holds.set(id, hold);
    this.reserved = plus(this.reserved, hold);
  }

  /** Replaces what was held by what was used. */
  settle(id: string, used: SpendingUse): void {
    const hold = this.holds.get(id);
    this.holds.delete(id);
    if (hold?.isSpent === true) this.spent = minus(this.spent, hold);
    else if (hold !== undefined) this.reserved = minus(this.reserved, hold);
    // Of an attempt whose cost no budget needs, only the tokens have to be known.
    const costed = hold !== undefined && hold.usd > 0n ? hold.unbounded : undefined;
    // It was counted as an attempt without a cost when it counted as spent.
    if (hold?.isSpent === true && costed !== undefined) this.countWithoutCost(costed, -1);
    this.spent = plus(this.spent, this.costing(used, costed));
  }

  /** An unknown cost counts as the dearest known. */
  private costing({ tokens, usd, isCostUnknown }: SpendingUse, unbounded: string | undefined): Sum {
    const cost = money(usd);
    if (isCostUnknown === true) {
      if (unbounded !== undefined) this.countWithoutCost(unbounded, 1);
      return { tokens, usd: cost + this.dearest };
    }
    if (cost > 0n && unbounded !== undefined) this.withoutCost.delete(unbounded);
    this.dearest = cost > this.dearest ? cost : this.dearest;
    return { tokens, usd: cost };
  }

  private countWithoutCost(model: string, more: number): void {
    const count = (this.withoutCost.get(model) ?? 0) + more;
    if (count > 0) this.withoutCost.set(model, count);
    else this.withoutCost.delete(model);
  }

  private spend(id: string, hold: Hold): void {
    // A process that died has made an attempt whose cost stays unknown.
    if (hold.unbounded !== undefined && hold.usd > 0n) this.countWithoutCost(hold.unbounded, 1);
    const usd = hold.unbounded !== undefined && hold.usd < this.dearest ? this.dearest : hold.usd;
    this.reserved = minus(this.reserved, hold);
    this.spent = plus(this.spent, { tokens: hold.tokens, usd });
    if (this.holds.has(id)) this.holds.set(id, { ...hold, usd, isSpent: true });
  }

  private hasUnbounded(): boolean {
    for (const { unbounded, isSpent } of this.holds.values())
      if (unbounded !== undefined && isSpent !== true) return true;
    return false;
  }
}

/** What costs nothing always fits. */
function hasRoom(taken: Sum, { limit, tokens, usd }: SpendingDemand): boolean {
  const [needed, most] = [money(usd), money(limit.usd)];
  const hasTokens = limit.tokens === 0 || tokens === 0 || taken.tokens + tokens <= limit.tokens;
  return hasTokens && (most === 0n || needed === 0n || taken.usd + needed <= most);
}

function plus(a: Sum, b: Sum): Sum {
  return { tokens: a.tokens + b.tokens, usd: a.usd + b.usd };
}

function minus(a: Sum, b: Sum): Sum {
  return { tokens: a.tokens - b.tokens, usd: a.usd - b.usd };
}

function inDollars({ tokens, usd }: Sum): SpendingAmounts {
  return { tokens, usd: toDollars(usd) };
}

function holdOf(value: unknown, now: number): Hold {
  const { tokens, usd, until, unbounded, isSpent } = recordOf(value);
  return {
    tokens: countOf(tokens),
    usd: moneyOf(usd),
    // A clock that was set back must not make it last.
    until: Math.min(countOf(until), now + HELD_MS),
    ...(typeof unbounded === 'string' && { unbounded }),
    ...(isSpent === true && { isSpent }),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function countOf(value: unknown): number {
  return Number.isFinite(value) ? Math.max(value as number, 0) : 0;
}

function moneyOf(value: unknown): Money {
  if (typeof value !== 'string') return 0n;
  try {
    const amount = money(value);
    return amount > 0n ? amount : 0n;
  } catch {
    return 0n;
  }
}
