import { catchError, defer, EMPTY, Observable, tap, throwError } from 'rxjs';
import type { AttemptRecord, Outcome } from '../../core/attempt.js';
import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import type { GenerationEvent, ResponseMetadata } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { EstimateCost, RecordStat } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import type { CurrentAttempt } from '../../core/state.js';
import type { AttemptStat } from '../../core/stats.js';
import { UNMEASURED, UNSENT } from '../../core/usage.js';
import type { Usage } from '../../core/usage.js';

/**
 * Numbers the attempts, announces each with `attempt-start`, keeps `state.current` while it runs, and ends each in
 * exactly one record and one stat: success, error or cancelled. Usage is the vendor's where it gave one, an estimate
 * where text had arrived without it, and else `unmeasured`; where the vendor tells no cost, it is estimated by a known price.
 */
export function attemptStats(
  record: RecordStat,
  clock: Clock,
  estimateCost: EstimateCost = () => undefined,
): InterceptorDefinition {
  return {
    name: 'attempt-stats',
    phase: 'attempt',
    // An interceptor may ask once more after the end of the generation; that would only cost.
    intercept: (request, next) =>
      defer(() => (request.state.hasEnded ? EMPTY : watched({ record, clock, estimateCost }, request, next))),
  };
}

interface Parts {
  readonly record: RecordStat;
  readonly clock: Clock;
  readonly estimateCost: EstimateCost;
}

function watched(
  { record, clock, estimateCost }: Parts,
  request: GenerationRequest,
  next: Handler,
): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    const attempt = beginAttempt(request, clock);
    let isOver = false;
    const end = (outcome: Outcome, error?: GenerationError): void => {
      if (isOver) return;
      isOver = true;
      record(closing(request, priced(attempt.end(outcome, error), request, estimateCost)));
    };
    const events = next(request).pipe(
      tap({
        next: (event) => {
          attempt.take(event);
          // Before the end is handed on, so that it finds its own attempt among the ended ones.
          if (event.type === 'generation-end') end('success');
        },
        complete: () => {
          if (isOver) return;
          const error = endless(request.provider);
          end('error', error);
          throw error;
        },
      }),
      catchError((error: unknown) => {
        const told = toGenerationError(error).withDetails({ provider: request.provider, model: request.model });
        end('error', told);
        return throwError(() => told);
      }),
    );
    // Before the start is told: whoever leaves in answer to it finds the attempt ended at once.
    subscriber.add(() => end('cancelled'));
    request.state.work.add(subscriber);
    subscriber.next(attempt.start);
    if (subscriber.closed) return;
    attempt.ask();
    events.subscribe(subscriber);
  });
}

/** Keeps what the attempt leaves behind for the generation, and makes its stat. */
function closing({ id, labels, state }: GenerationRequest, told: AttemptRecord): AttemptStat {
  state.attempts.push(told);
  state.labels = labels;
  return { type: 'attempt-end', generationId: id, labels, ...told };
}

/** Where the vendor has not said what it cost, the price says it. */
function priced(told: AttemptRecord, request: GenerationRequest, estimateCost: EstimateCost): AttemptRecord {
  const { usage } = told;
  if (usage.costUsd !== undefined || usage.source === 'unmeasured') return told;
  const estimatedCostUsd = estimateCost(request, usage);
  return estimatedCostUsd === undefined ? told : { ...told, usage: { ...usage, estimatedCostUsd } };
}

/** A provider has broken its promise to complete only after a whole answer. */
function endless(provider: string): GenerationError {
  return new GenerationError('truncated', `The provider "${provider}" completed without the end of its answer.`, {
    retryable: true,
  });
}

function beginAttempt(request: GenerationRequest, clock: Clock) {
  const { state, provider, model } = request;
  const current: CurrentAttempt = { attempt: ++state.requests, characters: 0, sent: false };
  state.current = current;
  const [startedAt, startedMonotonic] = [clock.now(), clock.monotonic()];
  let firstTokenAt: number | undefined;

  const start: GenerationEvent = { type: 'attempt-start', attempt: current.attempt, provider, model };
  const take = (event: GenerationEvent): void => {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
        firstTokenAt ??= clock.monotonic();
        current.characters += event.delta.length;
        break;
      case 'tool-call':
        current.characters += event.arguments.length;
        break;
      case 'response-metadata':
      case 'generation-end':
        note(current, event);
        break;
      default:
    }
  };
  const end = (outcome: Outcome, error?: GenerationError): AttemptRecord => ({
    attempt: current.attempt,
    provider,
    model,
    outcome,
    startedAt,
    sent: wasSent(current, error),
    latencyMs: clock.monotonic() - startedMonotonic,
    usage: measuredUsage(current, request, error),
    ...(error !== undefined && { errorCode: error.code }),
    ...(error?.status !== undefined && { status: error.status }),
    ...(firstTokenAt !== undefined && { timeToFirstTokenMs: firstTokenAt - startedMonotonic }),
    ...(current.responseId !== undefined && { responseId: current.responseId }),
  });
  /** From here on it may be sent at any moment. */
  const ask = (): void => {
    current.sent = undefined;
  };
  return { start, ask, take, end };
}

function note(
  current: CurrentAttempt,
  { responseId, usage, toolCallsOpen }: Pick<ResponseMetadata, 'responseId' | 'usage' | 'toolCallsOpen'>,
): void {
  Object.assign(
    current,
    responseId !== undefined && { responseId },
    usage && { usage },
    toolCallsOpen && { toolCallsOpen },
  );
}

/** Where the transport tells nothing, an attempt counts as sent, unless what ended it comes before any sending. */
function wasSent({ sent }: CurrentAttempt, error?: GenerationError): boolean {
  return sent ?? !(error?.neverSent === true || error?.code === 'internal' || error?.code === 'cannot-continue');
}

/** The vendor's word where it is the last one. A count from under way, which it calls an estimate, holds for the input; the output is at least what has arrived. */
function measuredUsage(
  { usage, characters, ...current }: CurrentAttempt,
  request: GenerationRequest,
  error?: GenerationError,
): Usage {
  if (usage?.source === 'reported') return usage;
  const arrived = estimateTokens(characters);
  if (usage?.source === 'estimated') return { ...usage, outputTokens: Math.max(usage.outputTokens, arrived) };
  if (characters === 0) return wasSent({ characters, ...current }, error) ? UNMEASURED : UNSENT;
  return { inputTokens: estimateTokens(promptCharacters(request)), outputTokens: arrived, source: 'estimated' };
}
