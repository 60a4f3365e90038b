import { systemClock } from '../clock.js';
import type { Clock } from '../clock.js';
import { withinTime } from './within-time.js';

/** Maximum duration of a step. */
const STEP_MS = 5_000;

/** Details of a clean-up step. */
export interface StepOptions {
  /** The subject of a message. */
  readonly name?: string;
  /** Maximum duration in milliseconds; 0 for a step that bounds itself. */
  readonly ms?: number;
}

interface Step extends Required<StepOptions> {
  run(): unknown;
}

/** Runs clean-up steps once, in reverse order of registration. A step that fails or never ends does not stop the others. */
export class Disposer {
  private steps: Step[] = [];
  private ended: Promise<void> | undefined;

  add(run: () => unknown, { name = 'a part of the pipeline', ms = STEP_MS }: StepOptions = {}): void {
    this.steps.push({ run, name, ms });
  }

  /**
   * Runs all steps. Later calls return the same promise.
   * @throws AggregateError with all failures, after all steps have run
   */
  dispose(clock: Clock = systemClock): Promise<void> {
    this.ended ??= this.run(clock);
    return this.ended;
  }

  private async run(clock: Clock): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.reverse()) {
      try {
        await inTime(step, clock);
      } catch (error) {
        failures.push(error);
      }
    }
    this.steps = [];
    if (failures.length > 0)
      throw new AggregateError(failures, `Failed to close ${failures.length} part(s) of the pipeline; see "errors".`);
  }
}

async function inTime(step: Step, clock: Clock): Promise<void> {
  const done = (async () => {
    await step.run();
    return true;
  })();
  const { name, ms } = step;
  if (ms === 0) {
    await done;
    return;
  }
  const isInTime = await withinTime(done, { clock, ms, otherwise: false });
  if (!isInTime) throw new Error(`${name} did not close within ${ms / 1000} s`);
}
