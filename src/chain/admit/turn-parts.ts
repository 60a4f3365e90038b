import type { Subscriber } from 'rxjs';
import type { GenerationEvent } from '../../core/events.js';
import type { AttemptGates } from './attempt-gates.js';
import type { Leases } from './held-leases.js';
import type { Line } from './line.js';

/** Dependencies of `Turn`. */
export interface TurnParts {
  readonly gates: AttemptGates;
  readonly line: Line;
  readonly subscriber: Subscriber<GenerationEvent>;
  /** Called once, when the wait is over: before the attempt starts, and before an error is reported. */
  readonly left: () => void;
  /** Starts the attempt. */
  readonly admitted: (leases: Leases) => void;
}
