import type { Subscriber } from 'rxjs';
import type { GenerationEvent } from '../../core/events.js';
import type { AttemptGates } from './attempt-gates.js';
import { isSame } from './line.js';
import type { Wait } from './pending.js';

/** Reports the waits of one attempt, each reason once. A quota is reported again when its end moves. */
export class WaitReports {
  private last: Wait | undefined;
  /** The wait as it is now. */
  current: Wait | undefined;

  constructor(
    private readonly gates: AttemptGates,
    private readonly subscriber: Subscriber<GenerationEvent>,
  ) {}

  /**
   * @param silentSince monotonic milliseconds since which the limits or budgets have not been decided
   * @throws GenerationError if the attempt cannot, or need not, wait that long
   */
  report(wait: Wait, silentSince: number | undefined): void {
    this.gates.checkWait(wait, silentSince);
    this.current = wait;
    const { last } = this;
    if (wait.for === last?.for && (wait.for !== 'quota' || isSame(wait, last))) return;
    this.last = wait;
    const { untilMs } = wait;
    this.subscriber.next({ type: 'waiting', for: wait.for, ...(untilMs !== undefined && { untilMs }) });
  }
}
