import type { LimitLease, LimitRefusal, OverBudget } from '../../core/ports.js';
import { BudgetSeat } from './budget-seat.js';
import { ASK_AGAIN_MS, spread } from '../../core/util/ask-again.js';
import { HeldLeases } from './held-leases.js';
import type { Member } from './line.js';
import { isLease, Pending } from './pending.js';
import type { Wait } from './pending.js';
import type { TurnParts } from './turn-parts.js';
import { WaitReports } from './wait-reports.js';

/** A part may issue leases that are never valid. After this many in a row, the turn waits before it asks again. */
const MOST_INVALID = 10;

/**
 * One attempt's way through the gates: breaker, rate limit, slot, budget.
 *
 * It waits at the breaker first, holding nothing. Then it stands in the line of its limit keys. The head of the line takes
 * the rest, all or nothing: while it waits for one of them it gives the others back. A lease may become invalid meanwhile
 * (the breaker opens, the server asks for a pause); the turn then starts over, at the head of its lines.
 */
export class Turn implements Member {
  private readonly held = new HeldLeases();
  private readonly pending: Pending;
  private readonly reports: WaitReports;
  private state: 'away' | 'idle' | 'asking' | 'waiting' | 'unanswered' | 'slot' | 'over' = 'away';
  /** Room may have become free while the limits were being asked. */
  private isOutdated = false;
  /** It has been at the head of the line of the slots before. */
  private hadSlotTurn = false;
  private readonly seat: BudgetSeat;
  /** Leases that were invalid from the start, one after the other. */
  private invalid = 0;

  /** @param isReturned it goes to the head of its lines */
  constructor(
    private readonly parts: TurnParts,
    private isReturned: boolean,
  ) {
    this.reports = new WaitReports(parts.gates, parts.subscriber);
    this.pending = new Pending(parts.gates.clock, (error) => this.fail(error));
    this.seat = new BudgetSeat(parts, () => this.backFromBudget());
  }

  begin(): void {
    this.state = 'away';
    this.pending.acquire(this.parts.gates.acquirePass(this.isReturned), {
      waiting: (wait) => this.report(wait),
      admitted: (pass) => {
        this.held.pass = pass;
        this.state = 'idle';
        this.parts.line.enter(this, this.isReturned);
      },
    });
  }

  /** Leaves all lines and releases everything. */
  cancel(): void {
    if (this.state === 'over') return;
    this.pending.stop();
    this.state = 'over';
    this.held.releaseAll();
    this.parts.line.leave(this);
    this.seat.leave();
    this.parts.left();
  }

  /** Fails, because it has waited for `queueMs`. */
  expire(queueMs: number): void {
    this.fail(this.parts.gates.queueTimeout(queueMs, this.reports.current));
  }

  fail(error: unknown): void {
    if (this.state === 'over') return;
    this.cancel();
    this.parts.subscriber.error(error);
  }

  ask(): void {
    if (this.state === 'asking') this.isOutdated = true;
    if (this.state !== 'idle' && this.state !== 'waiting') return;
    if (this.held.pass?.isValid() !== true && this.invalid <= MOST_INVALID) {
      this.invalid += 1;
      this.backToBreaker();
      return;
    }
    this.state = 'asking';
    this.isOutdated = false;
    this.pending.ask(
      () => this.parts.gates.takeLimits(),
      (answer, isRemote) => {
        this.parts.line.note('limits', answer, this.parts.gates.clock);
        if (isLease(answer)) this.takeSlot(answer);
        else this.refused(answer, isRemote);
      },
    );
  }

  pause(): void {
    if (this.state === 'over') return;
    this.pending.stop();
    this.state = 'idle';
    this.held.releaseToWait();
  }

  behind(wait: Wait): void {
    this.held.releaseToWait();
    this.report(wait);
  }

  private takeSlot(limits: LimitLease): void {
    const { held } = this;
    held.limits = limits;
    const slots = held.slot === undefined ? this.parts.gates.acquireSlot(this.hadSlotTurn) : undefined;
    if (slots === undefined) {
      this.reserve();
      return;
    }
    this.hadSlotTurn = true;
    this.pending.acquire(slots, {
      waiting: (wait) => {
        this.state = 'slot';
        held.releaseToWait();
        this.reportAll(wait);
      },
      admitted: (slot) => {
        held.slot = slot;
        if (held.limits !== undefined) this.reserve();
        else this.askAfresh();
      },
    });
  }

  private reserve(): void {
    const { budget } = this.parts.gates;
    if (budget.isNone) {
      this.enter();
      return;
    }
    this.seat.comeBack();
    this.pending.ask(
      () => budget.reserve(),
      (answer, isRemote) => {
        this.parts.line.note('spending', answer, this.parts.gates.clock);
        if (isLease(answer)) {
          this.held.reservation = answer;
          this.enter();
        } else if ('reason' in answer) this.refused({ retryInMs: ASK_AGAIN_MS, ...answer }, isRemote);
        else if (answer.mayFitLater) this.waitForBudget(answer, isRemote);
        else if (budget.lowersCap(answer)) this.reserve();
        else this.fail(budget.error(answer));
      },
    );
  }

  /** Starts the attempt, unless a lease became invalid meanwhile. */
  private enter(): void {
    const leases = this.held.whole();
    if (leases === undefined) {
      this.isReturned = true;
      this.invalid += 1;
      if (this.invalid > MOST_INVALID) this.refused({ reason: 'store', retryInMs: ASK_AGAIN_MS }, true);
      else {
        this.held.releaseToWait();
        this.askAfresh();
      }
      return;
    }
    this.state = 'over';
    this.parts.left();
    this.parts.line.leave(this, () => this.parts.admitted(leases));
    this.seat.leave();
  }

  /** The head of the line waits until the limits have room. */
  private refused(refusal: LimitRefusal, isRemote: boolean): void {
    const { reason, retryInMs } = refusal;
    const { clock, random } = this.parts.gates;
    const { isOutdated } = this;
    this.held.releaseToWait();
    this.pending.stop();
    // Room that becomes free is no answer of a store that gives none: each line would wake all others for nothing.
    this.state = reason === 'store' ? 'unanswered' : 'waiting';
    this.invalid = 0;
    const ms = retryInMs ?? (isRemote || this.parts.gates.isSilent('limits') ? ASK_AGAIN_MS : undefined);
    if (ms !== undefined) this.pending.addTimer(isRemote ? spread(ms, random) : ms, () => this.askAfresh());
    this.reportAll(this.parts.line.waitFor(refusal, clock.now()));
    if (isOutdated) this.ask();
  }

  /** Waits outside the line, which moves on: others may have budgets of their own. */
  private waitForBudget(refusal: OverBudget, isRemote: boolean): void {
    this.state = 'away';
    this.held.releaseToWait();
    this.pending.stop();
    this.isReturned = true;
    this.parts.line.leave(this, () => {
      this.seat.wait(refusal, isRemote, (ms, run) => this.pending.addTimer(ms, run));
    });
    if (this.isAway()) this.report({ for: 'budget' });
  }

  private backFromBudget(): void {
    this.pending.stop();
    this.state = 'idle';
    this.parts.line.enter(this, true);
  }

  private backToBreaker(): void {
    this.state = 'away';
    this.seat.stepAside();
    this.held.releaseAll();
    this.isReturned = true;
    // The members behind it may go the same way, and must not overtake it.
    this.parts.line.leave(this, () => this.begin());
  }

  /** Leaving the line lets others go on, which may have changed the state. */
  private isAway(): boolean {
    return this.state === 'away';
  }

  private askAfresh(): void {
    this.state = 'idle';
    this.ask();
  }

  private reportAll(wait: Wait): void {
    this.report(wait);
    if (this.state !== 'over') this.parts.line.report(wait);
  }

  private report(wait: Wait): void {
    if (this.state === 'over') return;
    try {
      this.reports.report(wait, this.parts.line.silentSince);
    } catch (error) {
      this.fail(error);
    }
  }
}
