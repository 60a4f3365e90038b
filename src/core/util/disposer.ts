import { systemClock } from '../clock.js';
import type { Clock } from '../clock.js';
import { withinTime } from './within-time.js';

/** Maximum duration of a step. */
const STEP_MS = 5_000;
/** The time after which steps that hang are no longer waited for as long. */
const TOTAL_MS = 30_000;
/** Every step has this long. */
const LEAST_MS = 100;

/** Details of a clean-up step. */
export interface StepOptions {
  /** The subject of a message. */
  readonly name?: string;
  /** What the step does, for a message: `close` by default. */
  readonly verb?: string;
  /** Whether the step bounds itself, since it has steps of its own. */
  readonly isBounded?: boolean;
}

interface Step extends Required<StepOptions> {
  run(): unknown;
}

/** Called with each step that has failed or did not end in time. */
export type ReportStep = (name: string, error: unknown) => void;

/**
 * Runs clean-up steps once, in reverse order of registration. A step that fails or never ends does not stop the others: each
 * has five seconds, and all of them together little more than thirty.
 */
export class Disposer {
  private steps: Step[] = [];
  private ended: Promise<void> | undefined;

  add(
    run: () => unknown,
    { name = 'a part of the pipeline', verb = 'close', isBounded = false }: StepOptions = {},
  ): void {
    this.steps.push({ run, name, verb, isBounded });
  }

  /**
   * Runs all steps. Later calls return the same promise.
   * @throws AggregateError with all failures, after all steps have run
   */
  dispose(clock: Clock = systemClock, report: ReportStep = () => undefined): Promise<void> {
    this.ended ??= this.run(clock, report);
    return this.ended;
  }

  private async run(clock: Clock, report: ReportStep): Promise<void> {
    const failures: unknown[] = [];
    let leftMs = TOTAL_MS;
    for (const step of this.steps.reverse()) {
      const begunAt = clock.monotonic();
      try {
        await inTime(step, clock, Math.min(STEP_MS, Math.max(leftMs, LEAST_MS)));
      } catch (error) {
        failures.push(error);
        report(step.name, error);
      }
      if (!step.isBounded) leftMs -= clock.monotonic() - begunAt;
    }
    this.steps = [];
    if (failures.length > 0)
      throw new AggregateError(failures, `Failed to close ${failures.length} part(s) of the pipeline; see "errors".`);
  }
}

async function inTime(step: Step, clock: Clock, ms: number): Promise<void> {
  const { name, verb, isBounded } = step;
  const done = (async () => {
    await step.run();
    return true;
  })();
  if (isBounded) {
    await done;
    return;
  }
  const isInTime = await withinTime(done, { clock, ms, otherwise: false });
  if (!isInTime) throw new Error(`${name} did not ${verb} within ${Math.ceil(ms) / 1000} s`);
}
