import type { OverBudget } from '../../core/ports.js';
import { ASK_AGAIN_MS, spread } from '../../core/util/ask-again.js';
import type { BudgetPlace } from './budget-waits.js';
import type { TurnParts } from './turn-parts.js';

/** The place of one attempt among those that wait for budgets. It changes with the scope that has refused the attempt. */
export class BudgetSeat {
  private scope: string | undefined;
  private place: BudgetPlace | undefined;

  constructor(
    private readonly parts: Pick<TurnParts, 'gates' | 'line'>,
    private readonly wake: () => void,
  ) {}

  /**
   * Waits until room may have become free.
   * @param isRemote the refusal came from elsewhere, where changes may not be signalled
   */
  wait({ refusedScope, retryInMs }: OverBudget, isRemote: boolean, addTimer: AddTimer): void {
    const { gates } = this.parts;
    const place = this.placeIn(refusedScope);
    if (isRemote || retryInMs !== undefined || gates.isSilent('spending'))
      place.poll((wake) => addTimer(spread(retryInMs ?? ASK_AGAIN_MS, gates.random), wake));
    place.wait();
  }

  /** Lets others of its scope go on: the attempt waits for its breaker. */
  stepAside(): void {
    this.place?.stepAside();
  }

  /** The attempt asks for its budget again. */
  comeBack(): void {
    this.place?.comeBack();
  }

  leave(): void {
    this.place?.leave();
  }

  /** An attempt waits for one scope at a time. */
  private placeIn(scope: string): BudgetPlace {
    if (this.place !== undefined && this.scope === scope) return this.place;
    this.place?.leave();
    this.scope = scope;
    this.place = this.parts.gates.budgetPlace(scope, { line: this.parts.line, wake: this.wake });
    return this.place;
  }
}

type AddTimer = (ms: number, run: () => void) => void;
