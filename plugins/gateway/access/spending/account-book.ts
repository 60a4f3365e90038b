import { randomBytes } from 'node:crypto';
import type { Cancel, Clock, MaybePromise, StateStore } from 'scriptorium/plugin';
import { isPromise } from '../keys/key-store.js';
import { HELD_MS, readAccount, renew, settle, toNano } from './account.js';
import type { Account, NanoDollars } from './account.js';
import { reserve } from './reserve.js';
import type { Budget, Verdict } from './reserve.js';

/** The parts of an account book. */
export interface AccountBookParts {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** Money that is held for a generation. */
export interface HeldMoney {
  readonly verdict: Verdict;
  /** Replaces what is held by what was spent. Resolves once it is stored, or will be stored with the next change. */
  readonly settle: (usd: number) => Promise<void>;
}

/** The accounts of keys in a state store, which processes share and which outlives them. */
export class AccountBook {
  private readonly process = randomBytes(6).toString('hex');
  private count = 0;
  /** The ids of the generations under way, by the name of the key. */
  private readonly open = new Map<string, Set<string>>();
  /** Settlements that the store did not take, by the name of the key. They are made with its next change. */
  private readonly late = new Map<string, Map<string, NanoDollars>>();
  private cancelTimer: Cancel | undefined;
  private isClosed = false;

  constructor(private readonly parts: AccountBookParts) {}

  /** Holds money for a generation, or says that there is none yet, or none any more. */
  async reserve(name: string, budget: Budget): Promise<HeldMoney> {
    const id = `${this.process}-${(this.count += 1)}`;
    const found: { verdict: Verdict } = { verdict: { type: 'wait' } };
    try {
      await this.change(name, (account, now) => {
        const reserved = reserve(account, { id, budget, now });
        found.verdict = reserved.verdict;
        return reserved.account;
      });
    } catch (error) {
      // The store may have taken the change all the same.
      if (found.verdict.type === 'granted') this.noteLate(name, id, 0);
      throw error;
    }
    if (found.verdict.type === 'granted') this.noteOpen(name, id);
    return { verdict: found.verdict, settle: (usd) => this.settle(name, id, toNano(usd)) };
  }

  /** Stops the renewals. Settlements are still taken. */
  close(): void {
    this.isClosed = true;
    this.cancelTimer?.();
  }

  private async settle(name: string, id: string, nano: NanoDollars): Promise<void> {
    const open = this.open.get(name);
    if (open?.delete(id) !== true) return;
    if (open.size === 0) this.open.delete(name);
    this.noteLate(name, id, nano);
    try {
      await this.change(name, (account) => account);
    } catch (error) {
      this.parts.warn(`Cannot store what the key "${name}" has spent yet; the next change stores it: ${String(error)}`);
    }
  }

  /** Changes an account. Late settlements are made first. A store may apply the change twice. */
  private change(name: string, change: (account: Account, now: number) => Account): MaybePromise<void> {
    const late = [...(this.late.get(name) ?? [])];
    const updated = this.parts.store.update(`gateway-account-${name}`, (stored) => {
      const now = this.parts.clock.now();
      const own = renew(readAccount(stored, now), this.open.get(name) ?? [], now);
      return change(
        late.reduce((account, [id, nano]) => settle(account, id, nano), own),
        now,
      );
    });
    const forget = (): void => {
      for (const [id] of late) this.late.get(name)?.delete(id);
    };
    if (isPromise(updated)) return updated.then(forget);
    forget();
    return undefined;
  }

  private noteLate(name: string, id: string, nano: NanoDollars): void {
    const late = this.late.get(name) ?? new Map<string, NanoDollars>();
    this.late.set(name, late.set(id, nano));
  }

  private noteOpen(name: string, id: string): void {
    const ids = this.open.get(name) ?? new Set();
    this.open.set(name, ids.add(id));
    this.cancelTimer ??= this.renewLater();
  }

  private renewLater(): Cancel | undefined {
    if (this.isClosed) return undefined;
    return this.parts.clock.setTimer(HELD_MS / 2, () => void this.renewAll());
  }

  private async renewAll(): Promise<void> {
    this.cancelTimer = undefined;
    for (const name of [...this.open.keys()]) {
      try {
        await this.change(name, (account) => account);
      } catch (error) {
        this.parts.warn(`Cannot renew what the key "${name}" has reserved: ${String(error)}`);
      }
    }
    if (this.open.size > 0) this.cancelTimer ??= this.renewLater();
  }
}
