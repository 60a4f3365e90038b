import { defer, finalize } from 'rxjs';
import type { Observable } from 'rxjs';
import { inject, injectable, tokens } from 'scriptorium';
import type {
  Breakers,
  GenerationEvent,
  GenerationRequest,
  Handler,
  InterceptorClass,
  InterceptorDefinition,
} from 'scriptorium/plugin';
import type { Gates } from './gates.js';
import type { Guard } from './guard.js';
import type { Instruments } from './instruments.js';
import type { Labeller } from './labeller.js';

export interface WatchAttemptsParts {
  readonly gauges: Instruments['gauges'];
  readonly labeller: Labeller;
  readonly gates: Gates;
  readonly guard: Guard;
}

/** Keeps count of the attempts that are under way. A class, so that the pipeline hands it its breakers. */
export function watchAttempts(
  name: string,
  { gauges: { attemptsInFlight }, labeller, gates, guard }: WatchAttemptsParts,
): InterceptorClass {
  @injectable()
  class WatchAttempts implements InterceptorDefinition {
    readonly name = name;
    readonly phase = 'attempt';

    constructor(@inject(tokens.BREAKERS) breakers: Breakers) {
      gates.useBreakers(breakers);
    }

    intercept(request: GenerationRequest, next: Handler): Observable<GenerationEvent> {
      return defer(() => {
        const values = labeller.values(request);
        gates.note(request);
        guard(() => attemptsInFlight.inc(values));
        return next(request).pipe(finalize(() => guard(() => attemptsInFlight.dec(values))));
      });
    }
  }
  return WatchAttempts;
}
