import { Observable } from 'rxjs';
import { ATTEMPT_NUMBER } from '../../core/attempt-number.js';
import type { AttemptRecord, Outcome } from '../../core/attempt.js';
import type { Clock } from '../../core/clock.js';
import { CREDENTIAL } from '../../core/credential.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { endless } from '../../core/errors/endless.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import type { AttemptStart, GenerationEvent, ResponseMetadata } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { EstimateCost, RecordStat } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { stateOf } from '../../core/state.js';
import type { CurrentAttempt } from '../../core/state.js';
import type { AttemptStat } from '../../core/stats.js';
import { UNMEASURED, UNSENT } from '../../core/usage.js';
import type { Usage } from '../../core/usage.js';
import { Relay } from '../../core/util/relay.js';

/**
 * Numbers the attempts, announces each with `attempt-start`, keeps `state.current` while it runs, and ends each in
 * exactly one record and one stat: success, error or cancelled. Usage is the vendor's if it gave one, an estimate if
 * text had arrived without it or after it, and `unmeasured` otherwise. Without the vendor's cost, a known price estimates it.
 */
export function attemptStats(
  record: RecordStat,
  clock: Clock,
  estimateCost: EstimateCost = () => undefined,
): InterceptorDefinition {
  return {
    name: 'attempt-stats',
    phase: 'attempt',
    intercept: (request, next) => recorded({ record, clock, estimateCost }, request, next),
  };
}

interface Parts {
  readonly record: RecordStat;
  readonly clock: Clock;
  readonly estimateCost: EstimateCost;
}

function recorded(
  { record, clock, estimateCost }: Parts,
  request: GenerationRequest,
  next: Handler,
): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    // An interceptor may ask once more after the end of the generation; that would only cost.
    const { hasEnded, work } = stateOf(request);
    if (hasEnded) {
      subscriber.complete();
      return;
    }
    const attempt = new RunningAttempt(request, clock);
    let isOver = false;
    const end = (outcome: Outcome, error?: GenerationError): void => {
      if (isOver) return;
      isOver = true;
      record(closing(request, priced(attempt.end(outcome, error), request, estimateCost)));
    };
    // Before the start is reported: a subscriber that leaves in answer to it finds the attempt ended at once.
    subscriber.add(() => end('cancelled'));
    work.add(subscriber);
    subscriber.next(attempt.start);
    if (subscriber.closed) return;
    attempt.ask();
    const fail = (error: unknown): void => {
      const failure = toGenerationError(error).withDetails({ provider: request.provider, model: request.model });
      end('error', failure);
      subscriber.error(failure);
    };
    new Relay<GenerationEvent>(subscriber, {
      next: (event) => {
        attempt.take(event);
        // Before the end is passed on, so that it finds its own attempt among the ended ones.
        if (event.type === 'generation-end') end('success');
        subscriber.next(event);
      },
      error: fail,
      complete: () => (isOver ? subscriber.complete() : fail(endless(request.provider))),
    }).connect(next({ ...request, context: request.context.with(ATTEMPT_NUMBER, attempt.start.attempt) }));
  });
}

/** Adds the ended attempt to the generation, and makes its stat. */
function closing(request: GenerationRequest, ended: AttemptRecord): AttemptStat {
  const { id, labels } = request;
  const state = stateOf(request);
  state.attempts.push(ended);
  state.labels = labels;
  return { type: 'attempt-end', generationId: id, labels, ...ended };
}

/** Estimates the cost by the price if the vendor gave none. */
function priced(ended: AttemptRecord, request: GenerationRequest, estimateCost: EstimateCost): AttemptRecord {
  const { usage } = ended;
  if (usage.costUsd !== undefined || usage.source === 'unmeasured') return ended;
  const estimatedCostUsd = estimateCost(request, usage);
  return estimatedCostUsd === undefined ? ended : { ...ended, usage: { ...usage, estimatedCostUsd } };
}

/** The attempt under way: announced by `start`, fed with its events, closed by `end`. */
class RunningAttempt {
  readonly start: AttemptStart;
  private readonly current: CurrentAttempt;
  private readonly startedAt: number;
  private readonly startedMonotonic: number;
  private firstTokenAt: number | undefined;
  /** Figures that more of the answer has followed: they are not final. */
  private interim: Usage | undefined;

  constructor(
    private readonly request: GenerationRequest,
    private readonly clock: Clock,
  ) {
    const { provider, model } = request;
    const state = stateOf(request);
    this.current = { attempt: ++state.requests, characters: 0, sent: false };
    state.current = this.current;
    [this.startedAt, this.startedMonotonic] = [clock.now(), clock.monotonic()];
    this.start = { type: 'attempt-start', attempt: this.current.attempt, provider, model };
  }

  /** From here on the request may be sent at any moment. */
  ask(): void {
    this.current.sent = undefined;
  }

  take(event: GenerationEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
        this.firstTokenAt ??= this.clock.monotonic();
        this.current.characters += event.delta.length;
        this.interim = this.current.usage;
        break;
      case 'tool-call':
        this.current.characters += event.arguments.length;
        this.interim = this.current.usage;
        break;
      case 'response-metadata':
        note(this.current, event);
        break;
      case 'generation-end':
        note(this.current, event);
        this.interim = undefined;
        break;
      default:
    }
  }

  end(outcome: Outcome, error?: GenerationError): AttemptRecord {
    const { current, request, firstTokenAt, startedAt, startedMonotonic } = this;
    const { attempt, provider, model } = this.start;
    const credential = request.context.get(CREDENTIAL);
    return {
      attempt,
      provider,
      model,
      outcome,
      startedAt,
      sent: wasSent(current, error),
      latencyMs: Math.max(this.clock.monotonic() - startedMonotonic, 0),
      usage: measuredUsage(this.counted(outcome), request, error),
      ...(credential !== undefined && { credential }),
      ...(error !== undefined && { errorCode: error.code }),
      ...(error?.status !== undefined && { status: error.status }),
      ...(firstTokenAt !== undefined && { timeToFirstTokenMs: Math.max(firstTokenAt - startedMonotonic, 0) }),
      ...(current.responseId !== undefined && { responseId: current.responseId }),
    };
  }

  /** Figures that are not final are an estimate, and their cost is not the whole one. */
  private counted(outcome: Outcome): CurrentAttempt {
    const { usage, finalUsage } = this.current;
    // The provider had ended its answer, and charges for all of it.
    if (outcome !== 'success' && finalUsage !== undefined) return { ...this.current, usage: finalUsage };
    // Who leaves does not know what would have followed.
    const isFinal = usage !== this.interim && outcome !== 'cancelled';
    if (usage?.source !== 'reported' || isFinal) return this.current;
    const { costUsd: _part, ...counts } = usage;
    return { ...this.current, usage: { ...counts, source: 'estimated' } };
  }
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

/**
 * An attempt counts as sent if the transport reports nothing, unless its failure comes before any sending. What was not
 * sent has no answer.
 */
function wasSent({ sent, characters }: CurrentAttempt, error?: GenerationError): boolean {
  if (sent !== undefined || characters > 0) return sent ?? true;
  return !(error?.neverSent === true || error?.code === 'internal' || error?.code === 'cannot-continue');
}

/**
 * The vendor's final figures, if it gave any. An interim count, which it marks as an estimate, holds for the input, unless
 * it is 0, which means that it is not known; the output is at least the text that has arrived.
 */
function measuredUsage(
  { usage, characters, ...current }: CurrentAttempt,
  request: GenerationRequest,
  error?: GenerationError,
): Usage {
  if (usage?.source === 'reported') return usage;
  const arrived = estimateTokens(characters);
  if (usage?.source === 'estimated' || usage?.source === 'rejected') {
    const inputTokens = usage.inputTokens || estimateTokens(promptCharacters(request));
    return { ...usage, inputTokens, outputTokens: Math.max(usage.outputTokens, arrived), source: 'estimated' };
  }
  if (characters === 0) return wasSent({ characters, ...current }, error) ? UNMEASURED : UNSENT;
  return { inputTokens: estimateTokens(promptCharacters(request)), outputTokens: arrived, source: 'estimated' };
}
