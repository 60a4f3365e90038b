import { concat, of, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { AttemptRecord } from '../../../src/core/attempt.js';
import type { Prefill } from '../../../src/core/continuation.js';
import { ApiError } from '../../../src/core/errors/classes.js';
import type { ErrorDetails } from '../../../src/core/errors/generation-error.js';
import type { GenerationEnd, GenerationEvent } from '../../../src/core/events.js';
import type { InterceptorDefinition } from '../../../src/core/interceptor.js';
import { toGenerationError } from '../../../src/core/errors/classify.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { ContinuitySettings, RetrySettings } from '../../../src/core/settings.js';
import { stateOf } from '../../../src/core/state.js';
import type { Usage } from '../../../src/core/usage.js';
import { lengthContinuation } from '../../../src/chain/continue/length-continuation.js';
import { resume } from '../../../src/chain/continue/resume.js';
import { retry as retrying } from '../../../src/chain/recover/retry.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { someBreakers, someRetryBudgets } from '../admit/admission-parts.js';
import { anEnd, answering, chain, failing, NO_TIMEOUTS, watch } from '../chain.js';

export const CONTINUITY: ContinuitySettings = {
  onBreak: 'resume',
  onLength: 'stop',
  maxSegments: 8,
  targetWords: 0,
  targetTokens: 0,
  instruction: null,
};
export const RETRY: RetrySettings = {
  maxAttempts: 4,
  baseMs: 1_000,
  capMs: 60_000,
  jitter: 'none',
  maxRetryAfterMs: 90_000,
};
export const HOUR_MS = 3_600_000;

export const START: GenerationEvent = { type: 'attempt-start', attempt: 1, provider: 'fake', model: 'a-model' };

/** Whole, and so long that an anchor is but a part of it. */
export const WHOLE =
  'The lamp was cold. He wrote so in the book, signed his name, and went down to look for the man who had not come up.';
export const CUT = WHOLE.indexOf(' down');
/** What is kept from a model that is instructed. */
export const ANCHOR = 'signed his name, and went';
export const DELIVERED = WHOLE.slice(0, CUT);

export const characters = (text: string): readonly string[] => Array.from(text);

export const deltas = (...texts: readonly string[]): GenerationEvent[] =>
  texts.map((delta) => ({ type: 'text-delta', delta }));

/** An attempt that brings these texts and ends properly. */
export function says(...texts: readonly string[]): Observable<GenerationEvent> {
  return of(START, ...deltas(...texts), anEnd());
}

/** An attempt that brings these texts and ends for this reason. */
export function endsBy(
  unified: GenerationEnd['finishReason']['unified'],
  ...texts: readonly string[]
): Observable<GenerationEvent> {
  return of(START, ...deltas(...texts), anEnd({ finishReason: { unified, raw: unified } }));
}

/** An attempt that brings these texts and breaks off. */
export function breaks(texts: readonly string[], details: ErrorDetails = {}): Observable<GenerationEvent> {
  return concat(
    of(START, ...deltas(...texts)),
    failing(() => new ApiError('server-error', 'the host went away', { retryable: true, ...details })),
  );
}

export interface GoingOn {
  readonly continuity?: Partial<ContinuitySettings>;
  readonly retry?: Partial<RetrySettings>;
  readonly maxRequests?: number;
  readonly prefill?: Prefill;
  readonly prefillOf?: (request: GenerationRequest) => Prefill;
  readonly chance?: number;
  readonly request?: Partial<GenerationRequest>;
}

const USAGE: Usage = { inputTokens: 7, outputTokens: 5, source: 'reported' };

/** Keeps the records of attempts, as `attempt-stats` does. */
const recorder: InterceptorDefinition = {
  name: 'recorder',
  phase: 'attempt',
  intercept: (request, next) => {
    const end = (told: Pick<AttemptRecord, 'outcome' | 'errorCode'>): void => {
      const { provider, model } = request;
      const state = stateOf(request);
      state.attempts.push({
        attempt: state.requests,
        provider,
        model,
        sent: true,
        startedAt: 0,
        latencyMs: 0,
        usage: USAGE,
        ...told,
      });
    };
    return next(request).pipe(
      tap({
        complete: () => end({ outcome: 'success' }),
        error: (error: unknown) => end({ outcome: 'error', errorCode: toGenerationError(error).code }),
        unsubscribe: () => end({ outcome: 'cancelled' }),
      }),
    );
  },
};

/** A generation under way, with `length-continuation`, `resume` and `retry`, whose attempts are these streams, one after the other. */
export function generate(
  streams: readonly Observable<GenerationEvent>[],
  {
    continuity = {},
    retry = {},
    maxRequests = 24,
    prefill = 'exact',
    prefillOf = () => prefill,
    chance = 0.5,
    request = {},
  }: GoingOn = {},
) {
  const clock = new ManualClock();
  const settings = { ...CONTINUITY, ...continuity };
  const { handler, requests } = answering(...streams);
  const shared = { retry: { ...RETRY, ...retry }, maxRequests, clock, random: () => chance };
  const resuming = resume({ ...shared, continuity: settings, prefillOf });
  const again = retrying({
    ...shared,
    budgets: someRetryBudgets(clock),
    breakers: someBreakers(clock),
    timeouts: NO_TIMEOUTS,
  });
  const whole = aRequest(request);
  const source = chain(handler, lengthContinuation(settings, maxRequests), resuming, again, recorder)(whole);
  const open = () => {
    const run = watch(source);
    const text = (): string => run.events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
    const delays = (): readonly number[] =>
      run.events.flatMap((event) => (event.type === 'retry-scheduled' ? [event.delayMs] : []));
    return { run, text, delays };
  };
  return { clock, requests, source, state: stateOf(whole), open };
}

/** The same, subscribed to, and so far on in time that no backoff is left. */
export function generated(streams: readonly Observable<GenerationEvent>[], settings: GoingOn = {}) {
  const scene = generate(streams, settings);
  const opened = scene.open();
  scene.clock.advance(HOUR_MS);
  return { ...scene, ...opened };
}
