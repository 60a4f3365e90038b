import { Observable } from 'rxjs';
import type { Clock } from '../core/clock.js';
import { TimeoutError } from '../core/errors/classes.js';
import type { GenerationEvent } from '../core/events.js';
import type { InterceptorDefinition } from '../core/interceptor.js';
import type { GenerationRequest } from '../core/request.js';
import { stateOf } from '../core/state.js';
import type { Relay } from '../core/util/relay.js';
import type { ReportFault } from './fault-log.js';
import { InterceptorRun } from './interceptor-run.js';

export interface GuardParts {
  readonly report: ReportFault;
  readonly clock: Clock;
  /** `timeouts.deadlineMs`. */
  readonly deadlineMs: number;
}

/**
 * Wraps an interceptor of a plugin or a program, so that its faults end its generation with a named error, or are logged
 * once if they come on the way out, and never end the process.
 * @param isReplacement it stands for a built-in interceptor, such as `admission`, which asks again by itself
 */
export function guardedInterceptor(
  definition: InterceptorDefinition,
  { report, clock, deadlineMs }: GuardParts,
  isReplacement: boolean,
): InterceptorDefinition {
  const { name, phase, after } = definition;
  const culprit = `The interceptor "${name}"`;
  const isInAttempt = (phase === 'admit' || phase === 'attempt') && !isReplacement;
  return {
    name,
    phase,
    ...(after !== undefined && { after }),
    intercept: (request, next) =>
      new Observable((subscriber) => {
        const attempt = phase === 'attempt' ? stateOf(request).current : undefined;
        const run = new InterceptorRun({ culprit, report, clock, isInAttempt, attempt }, subscriber);
        run.open(() => definition.intercept(request, (asked) => run.inner(next(asked))));
        if (phase === 'observe') bound(run.door, request, { culprit, clock, deadlineMs });
      }),
  };
}

/** The phase `observe` lies outside `deadline`, so an interceptor there could keep the end to itself for ever. */
function bound(
  door: Relay<GenerationEvent>,
  request: GenerationRequest,
  { culprit, clock, deadlineMs }: Pick<GuardParts, 'clock' | 'deadlineMs'> & { readonly culprit: string },
): void {
  const state = stateOf(request);
  const limitMs = request.deadlineMs ?? deadlineMs;
  let cancel = (): void => undefined;
  // An interceptor that asks later sets the deadline later.
  const arm = (): void => {
    const deadlineAt = state.deadlineAt ?? (limitMs === 0 ? undefined : state.startedAt + limitMs);
    if (deadlineAt === undefined || door.closed) return;
    const leftMs = deadlineAt - clock.monotonic();
    if (leftMs > 0) cancel = clock.setTimer(leftMs, arm);
    else
      door.error(
        new TimeoutError('deadline', `${culprit} did not end its stream before the deadline of the generation.`),
      );
  };
  arm();
  door.add(() => cancel());
}
