import type { Clock } from '../../core/clock.js';
import type { GenerationEvent } from '../../core/events.js';
import type { LateUsage, OverBudget, Reservation, Spending, SpendingDemand, SpendingUse } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { routeName } from '../../core/routes.js';
import type { BudgetSettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import type { GenerationState } from '../../core/state.js';
import type { Tariff } from '../../core/tariff.js';
import { once } from '../../core/util/once.js';
import { GENERATION } from './budget.js';
import { BudgetWaits } from './budget-waits.js';
import type { BudgetPlace, Waiter } from './budget-waits.js';
import { Excesses } from './excesses.js';
import { PromptBounds } from './prompt-bound.js';
import { PromptMeasures } from './prompt-measure.js';
import { OWN_HOLDS, SpendingAccounts } from './spending-accounts.js';
import type { HeldIn } from './spending-accounts.js';
import type { WorstCase } from './worst-case.js';

/** Dependencies of the budgets. */
export interface BudgetParts {
  readonly budget: BudgetSettings;
  readonly spending: Spending;
  readonly clock: Clock;
  /** What is known before an attempt about what it can cost. */
  readonly tariffOf: (request: GenerationRequest) => Tariff;
  /** Left out if vendors are not asked for the usage of interrupted attempts. */
  readonly lateUsage?: LateUsage | undefined;
}

/** The budget of one generation. */
export interface GenerationBudget {
  readonly refusal: () => OverBudget | undefined;
  readonly reserve: () => Reservation;
}

/** What the budgets of all attempts of a pipeline have in common. */
export class Budgets {
  readonly bounds = new PromptBounds();
  readonly measures = new PromptMeasures();
  readonly excesses = new Excesses();
  /** Whether a limit is configured. A request may have its own. */
  readonly hasLimits: boolean;
  private readonly waits: BudgetWaits;
  private readonly generationWaits = new BudgetWaits();
  private readonly generations = new WeakMap<GenerationState, SpendingAccounts>();
  private readonly warned = new Set<string>();
  private count = 0;

  constructor(readonly parts: BudgetParts) {
    this.hasLimits = hasLimits(parts.budget);
    this.waits = new BudgetWaits(parts.spending.changes$);
  }

  /** A place among the attempts that wait for the same scope. Only attempts of a generation can make room in it. */
  placeFor(scope: string, request: GenerationRequest, waiter: Waiter): BudgetPlace {
    return scope === GENERATION ? this.generationWaits.add(stateOf(request), waiter) : this.waits.add(scope, waiter);
  }

  /** The budget of the request's own generation: why an attempt does not fit, and its reservation if it does. */
  ofGeneration(request: GenerationRequest, demands: readonly SpendingDemand[]): GenerationBudget {
    const state = stateOf(request);
    const accounts = this.generations.get(state) ?? new SpendingAccounts(OWN_HOLDS);
    this.generations.set(state, accounts);
    const attempt = { id: String((this.count += 1)), demands, now: this.parts.clock.now() };
    return {
      refusal: () => accounts.refusalOf(attempt),
      reserve: () => this.reservation(accounts, accounts.hold(attempt), () => this.generationWaits.changed(state)),
    };
  }

  /** Returns a warning the first time that a model without a known price or cap, or an option with unknown fees, meets a limit. */
  warningAbout(request: GenerationRequest, { unknownFees }: WorstCase): GenerationEvent | undefined {
    const { unknownPrice } = this.parts.budget;
    const name = [routeName(request), ...unknownFees].join('\n');
    if (this.warned.has(name) || unknownPrice === 'refuse') return undefined;
    this.warned.add(name);
    const effect =
      unknownPrice === 'allow'
        ? 'so a budget cannot hold it before it is billed'
        : 'so its attempts are made one at a time, and one of them can exceed a budget';
    const ofModel = `of ${request.provider}'s ${request.model}`;
    const message =
      unknownFees.length > 0
        ? `The fees ${ofModel} for ${unknownFees.join(', ')} are not known before, ${effect} (budget.unknownPrice).`
        : `The price or the token cap ${ofModel} is not known, ${effect} (budget.unknownPrice). Call models() once, which loads the prices, or set maxTokens.`;
    return { type: 'warning', about: 'budget', message };
  }

  private reservation(accounts: SpendingAccounts, held: readonly HeldIn[], settled: () => void): Reservation {
    const settle = once((used: SpendingUse) => {
      accounts.settle(held, used);
      settled();
    });
    return { isValid: () => true, settle, release: () => settle({ tokens: 0, usd: 0 }) };
  }
}

function hasLimits({ label: _label, unknownPrice: _price, lowerCap: _cap, ...limits }: BudgetSettings): boolean {
  return Object.values(limits).some((limit) => limit > 0);
}
