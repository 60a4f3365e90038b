import type { BudgetError, Plugin, Stat } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { LoggedRequest } from 'scriptorium/testing';
import type { World } from '../../src/testing/simulation/world.js';

/** The headers that tie a request on the wire to its budgets. */
export const BOOK_HEADER = 'x-simulated-book';
export const LIFE_HEADER = 'x-simulated-life';

/** The limits of a world, all in one unit. */
export interface BudgetLimits {
  readonly unit: 'usd' | 'tokens';
  readonly label: number;
  readonly process: number;
  readonly day: number;
}

/** How much more than a limit may be billed. */
export interface Tolerance {
  /** Attempts that may exceed a limit, each by all that it costs. */
  readonly attempts: number;
  /** Attempts without a cost do not count: each may exceed it, too. */
  readonly isPriceUnknown: boolean;
}

interface Bill {
  readonly amount: number;
  readonly dearest: number;
  /** Attempts whose cost the process does not know. */
  readonly open: number;
}

const DAY_MS = 86_400_000;
/** Sums of binary fractions differ by less. */
const ROUNDING = 1e-12;

/** Compares budgets with the vendors' own books: what they have billed, by the headers of the requests. */
export class BudgetBooks {
  /** Attempts by their vendor's id whose usage was reported, at once or later. */
  private readonly reported = new Set<string>();
  /** Attempts that ended without a bill, by scope. They count as their worst case unless they were refused. */
  private readonly broken = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly limits: BudgetLimits,
    private readonly vendors: readonly { readonly requests: readonly LoggedRequest[] }[],
  ) {}

  /** A plugin that lets the books see the stats of one life of a process. */
  plugin(life: string): Plugin {
    const record = (stat: Stat): void => {
      if (stat.type === 'generation-end') return;
      if (stat.usage.source === 'reported' && stat.responseId !== undefined) this.reported.add(stat.responseId);
      const day = Math.floor(this.world.now() / DAY_MS);
      const scopes = [`label ${stat.labels.book ?? ''}`, `process ${life}`, `day ${day}`];
      if (stat.type === 'attempt-end' && stat.sent && stat.usage.source !== 'reported')
        for (const scope of scopes) this.broken.set(scope, (this.broken.get(scope) ?? 0) + 1);
    };
    return definePlugin({
      name: 'budget-books',
      apiVersion: 1,
      setup: (host) => host.addStatSink({ name: 'budget-books', record }),
    });
  }

  /** No limit was ever exceeded, by more than is tolerated. The books only grow, so the last look finds all. */
  checkLimits({ attempts, isPriceUnknown }: Tolerance): void {
    const { limits, world } = this;
    for (const [name, requests] of this.scopes()) {
      const limit = limits[name.split(' ')[0] as 'label' | 'process' | 'day'];
      const { amount, dearest, open } = this.billOf(requests);
      const most = limit + dearest * (attempts + (isPriceUnknown ? open : 0));
      world.check(
        limit === 0 || amount <= most + ROUNDING,
        () =>
          `${name}: ${amount} ${limits.unit} were billed; the budget is ${limit}, and at most ${most} with what is tolerated.`,
      );
    }
  }

  /** A refusal is right by its own figures, and by the vendors' books where all is known. */
  checkRefusal(error: BudgetError, { book, life }: { readonly book: string; readonly life: string }): void {
    const { scope, limit = 0, spent = 0, reserved = 0, needed = 0, unit } = error;
    // It is known from its message only that a model has brought no cost three times.
    if (error.message.includes('ended without a cost')) return;
    this.world.check(
      unit === this.limits.unit && spent + needed >= limit - ROUNDING,
      () =>
        `A refusal is wrong by its own figures: ${JSON.stringify({ scope, unit, limit, spent, reserved, needed })}.`,
    );
    const day = Math.floor(this.world.now() / DAY_MS);
    const names = {
      label: `label ${book}`,
      process: `process ${life}`,
      day: `day ${day}`,
      generation: '',
      account: '',
    };
    const name = names[scope ?? 'generation'];
    const { amount, open } = this.billOf(this.scopes().get(name) ?? []);
    const isKnown = open === 0 && !this.broken.has(name);
    this.world.check(
      !isKnown || amount + needed >= limit - ROUNDING,
      () => `${name}: refused, although ${amount} of ${limit} ${unit} were billed and ${needed} were needed.`,
    );
  }

  private billOf(requests: readonly LoggedRequest[]): Bill {
    const amounts = requests.map((request) => this.amountOf(request));
    return {
      amount: amounts.reduce((sum, amount) => sum + amount, 0),
      dearest: Math.max(0, ...amounts),
      open: requests.filter(({ id, status }) => !this.reported.has(id) && !(status !== undefined && status >= 400))
        .length,
    };
  }

  private amountOf({ usage, cost }: LoggedRequest): number {
    if (this.limits.unit === 'usd') return cost;
    return (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0);
  }

  /** The requests of each scope. A process that is started again is another one. */
  private scopes(): ReadonlyMap<string, readonly LoggedRequest[]> {
    const scopes = new Map<string, LoggedRequest[]>();
    for (const request of this.vendors.flatMap(({ requests }) => requests)) {
      const { [BOOK_HEADER]: book = '', [LIFE_HEADER]: life = '' } = request.headers;
      const day = Math.floor(request.arrivedAt / DAY_MS);
      for (const name of [`label ${book}`, `process ${life}`, `day ${day}`])
        scopes.set(name, [...(scopes.get(name) ?? []), request]);
    }
    return scopes;
  }
}
