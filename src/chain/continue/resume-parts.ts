import type { Subscriber } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import type { Prefill } from '../../core/continuation.js';
import type { GenerationEvent } from '../../core/events.js';
import type { Handler } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import type { ContinuitySettings, RetrySettings } from '../../core/settings.js';

/** Dependencies of `resume`. */
export interface ResumeParts {
  readonly continuity: ContinuitySettings;
  readonly retry: RetrySettings;
  /** `limits.maxRequests`: real requests of one generation. */
  readonly maxRequests: number;
  readonly clock: Clock;
  readonly random: Random;
  /** How the request's model continues a given text. */
  readonly prefillOf: (request: GenerationRequest) => Prefill;
}

/** One generation for `resume`: what it asks, and who receives its events. */
export interface ResumeCall {
  readonly request: GenerationRequest;
  /** The text that the caller gave to be continued. */
  readonly given: string | undefined;
  readonly next: Handler;
  readonly subscriber: Subscriber<GenerationEvent>;
}
