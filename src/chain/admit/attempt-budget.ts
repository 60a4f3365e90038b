import type { BudgetError } from '../../core/errors/classes.js';
import type { GenerationEvent } from '../../core/events.js';
import type {
  LateUsage,
  MaybePromise,
  OverBudget,
  Reservation,
  SpendingDemand,
  SpendingRefusal,
} from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { routeName } from '../../core/routes.js';
import type { Usage } from '../../core/usage.js';
import { billed } from './attempt-bill.js';
import { budgetsOf, demandOn, GENERATION, hasOwnBudget, isUnbounded } from './budget.js';
import type { Budget } from './budget.js';
import { affordableTokens, overBudget } from './budget-refusal.js';
import type { Refused } from './budget-refusal.js';
import { NO_EXCESS } from './excesses.js';
import type { Excess } from './excesses.js';
import type { Budgets } from './budgets.js';
import { isLease } from './pending.js';
import { worstCase } from './worst-case.js';
import type { WorstCase } from './worst-case.js';
import { afterwards } from '../../core/util/maybe-promise.js';

/** The budgets of one attempt. */
export class AttemptBudget {
  private readonly limits: readonly Budget[];
  private demands: readonly SpendingDemand[] = [];
  private worst: WorstCase | undefined;
  /** It was let through although it does not fit with what the vendor's bills have exceeded so far. */
  private isTest = false;

  constructor(
    private readonly budgets: Budgets,
    private current: GenerationRequest,
  ) {
    const isNone = !budgets.hasLimits && !hasOwnBudget(current);
    this.limits = isNone ? [] : budgetsOf(budgets.parts.budget, current);
  }

  /** Whether no budget applies. */
  get isNone(): boolean {
    return this.limits.length === 0;
  }

  /** The request to send: with a lower token cap if `budget.lowerCap` made it fit. */
  get request(): GenerationRequest {
    return this.current;
  }

  /** The most that the attempt can use. */
  get mostUsed(): WorstCase {
    return (this.worst ??= this.worstWith(this.budgets.excesses.of(routeName(this.current))));
  }

  /** The warning about a model without a known price, or about options with unknown fees; once for each. */
  warning(): GenerationEvent | undefined {
    if (this.isNone || !this.limits.some((budget) => isUnbounded(budget, this.mostUsed))) return undefined;
    return this.budgets.warningAbout(this.current, this.mostUsed);
  }

  /** Reserves the worst case in all budgets, or in none. @throws BudgetError if `budget.unknownPrice` is `refuse` */
  reserve(): MaybePromise<Reservation | SpendingRefusal> {
    const { excesses } = this.budgets;
    const route = routeName(this.current);
    const excess = excesses.of(route);
    this.isTest = false;
    const answer = this.reserveWorst(this.worstWith(excess));
    if (excess === NO_EXCESS) return answer;
    return afterwards(answer, (made) => {
      if (isLease(made) || !isFinal(made) || !excesses.isToTest(route)) return made;
      this.isTest = true;
      return this.reserveWorst(this.worstWith(NO_EXCESS));
    });
  }

  private reserveWorst(worst: WorstCase): MaybePromise<Reservation | SpendingRefusal> {
    this.worst = worst;
    const { unknownPrice } = this.budgets.parts.budget;
    const route = routeName(this.current);
    this.demands = this.limits.map((budget) => demandOn(budget, { worst, route, unknownPrice, isTest: this.isTest }));
    const unknown = unknownPrice === 'refuse' ? this.limits.find((budget) => isUnbounded(budget, worst)) : undefined;
    if (unknown !== undefined) throw this.error({ refusedScope: unknown.scope, mayFitLater: false });
    const shared = this.demands.filter(({ scope }) => scope !== GENERATION);
    const own = this.demands.filter(({ scope }) => scope === GENERATION);
    if (own.length === 0) return this.budgets.parts.spending.reserve(shared);
    const generation = this.budgets.ofGeneration(this.current, own);
    const refusal = generation.refusal();
    if (refusal !== undefined) return refusal;
    if (shared.length === 0) return generation.reserve();
    // Nothing is held in the generation until the others have room: giving it back would wake those that wait.
    return afterwards(this.budgets.parts.spending.reserve(shared), (held) => {
      if (!isLease(held)) return held;
      const late = generation.refusal();
      if (late === undefined) return both(generation.reserve(), held);
      held.release();
      return late;
    });
  }

  /** Lowers the token cap to what fits, if that is wanted and helps. */
  lowersCap(refusal: OverBudget): boolean {
    if (!this.budgets.parts.budget.lowerCap) return false;
    const cap = affordableTokens(this.refused(refusal));
    const before = this.mostUsed.outputTokens;
    if (cap === undefined || cap < 1 || (before !== undefined && cap >= before)) return false;
    const lowered = { ...this.current, maxTokens: cap };
    // The vendor's own option may decide about the cap.
    if ((this.budgets.parts.tariffOf(lowered).outputTokens ?? Infinity) > cap) return false;
    this.current = lowered;
    return true;
  }

  /** Reports the usage of attempts that had ended without it. */
  get lateUsage(): LateUsage | undefined {
    return this.budgets.parts.lateUsage;
  }

  /** Learns from the vendor's figures for this attempt. A vendor's own tools add tokens and fees that say nothing of others. */
  learn(usage: Usage): void {
    const worst = this.mostUsed;
    if (worst.unknownFees.length > 0) return;
    const { inputTokens: promptTokens, outputTokens } = usage;
    const { usd } = billed(usage, worst);
    const usualUsd = worst.costOf(promptTokens, outputTokens);
    this.budgets.excesses.learn(routeName(this.current), { promptTokens, usd, usualUsd, worst, isTest: this.isTest });
  }

  error(refusal: OverBudget): BudgetError {
    return overBudget(this.refused(refusal), this.budgets.parts.clock.now());
  }

  private worstWith(excess: Excess): WorstCase {
    const { current, budgets } = this;
    return worstCase(current, budgets.bounds.boundOf(current), { ...budgets.parts.tariffOf(current), ...excess });
  }

  private refused(refusal: OverBudget): Refused {
    return { request: this.current, demands: this.demands, worst: this.mostUsed, refusal };
  }
}

/** Whether a demand will never fit. */
function isFinal(refusal: SpendingRefusal): boolean {
  return 'mayFitLater' in refusal && !refusal.mayFitLater;
}

/** Two reservations as one. */
function both(one: Reservation, other: Reservation): Reservation {
  return {
    isValid: () => one.isValid() && other.isValid(),
    release: () => [one, other].forEach((each) => each.release()),
    settle: (used) => [one, other].forEach((each) => each.settle(used)),
  };
}
