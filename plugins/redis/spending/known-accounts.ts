import type { SpendingBalance, SpendingDemand } from 'scriptorium/plugin';
import type { RedisReply } from '../connection.js';
import { amountsOf } from './dollars.js';

/** A scope, as scripts name it. */
export interface RemoteScope {
  /** With what keeps scopes of processes apart. */
  readonly scope: string;
  readonly unit: '' | 'd' | 'm';
  /** Whether it belongs to this process. */
  readonly isOwn: boolean;
}

/** The account of one period of a scope, as it was last seen. */
export interface KnownAccount extends RemoteScope {
  readonly name: string;
  /** Tokens, dollars and rest that are spent; dollars and rest of the dearest attempt. */
  readonly spent: readonly string[];
}

const MOST = 10_000;

/** The accounts that this process has seen, so that a server that has lost its memory can be told. */
export class KnownAccounts {
  private readonly accounts = new Map<string, KnownAccount>();

  /** Remembers an account. @param balance as scripts return it. Returns its name */
  learn(scope: RemoteScope, balance: RedisReply): string {
    const [name, tokens, whole, rest, , , , dearest, dearestRest] = listOf(balance).map(String);
    if (name === undefined) return '';
    this.accounts.delete(name);
    const spent = [tokens, whole, rest, dearest, dearestRest].map((each) => each ?? '0');
    this.accounts.set(name, { ...scope, name, spent });
    if (this.accounts.size > MOST) this.accounts.delete([...this.accounts.keys()][0] ?? '');
    return name;
  }

  get all(): readonly KnownAccount[] {
    return [...this.accounts.values()];
  }

  /** The accounts that belong to this process. */
  get own(): readonly string[] {
    return this.all.filter(({ isOwn }) => isOwn).map(({ name }) => name);
  }
}

/** The scope of a demand. @param process the name of this process */
export function remoteScope({ scope, isDaily, isMonthly, isKept }: SpendingDemand, process: string): RemoteScope {
  const isOwn = isKept !== true;
  const unit = isDaily ? 'd' : isMonthly === true ? 'm' : '';
  return { scope: isOwn ? `process/${process}/${scope}` : `kept/${scope}`, unit, isOwn };
}

/** The balance of a scope. @param balance as scripts return it */
export function balanceOf(scope: string, balance: RedisReply): SpendingBalance {
  const values = listOf(balance);
  return { scope, spent: amountsOf(values.slice(1, 4)), reserved: amountsOf(values.slice(4, 7)) };
}

/** The name that a scope has outside of Redis. */
export function scopeName(scope: string): string {
  return scope.startsWith('kept/') ? scope.slice('kept/'.length) : scope.split('/').slice(2).join('/');
}

export function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  return Array.isArray(reply) ? (reply as readonly RedisReply[]) : [];
}
