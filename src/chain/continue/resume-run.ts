import { MAY_RESTART } from '../../core/continuation.js';
import type { Prefill } from '../../core/continuation.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import { causeOf } from '../../core/errors/interrupted.js';
import { opensToolCall } from '../../core/events.js';
import type { AttemptStart, GenerationEnd, GenerationEvent, TextDelta } from '../../core/events.js';
import type { ContinuationReason, GenerationRequest } from '../../core/request.js';
import { stateOf } from '../../core/state.js';
import type { GenerationState } from '../../core/state.js';
import { Relay } from '../../core/util/relay.js';
import { wait } from '../../core/util/wait.js';
import type { Splice } from './splice/splice.js';
import { continueAfterBreak, mayRestart, spliceOf } from './continuation-request.js';
import { AttemptsWithoutProgress } from './attempts-without-progress.js';
import { brokenForGood, cannotContinue, exhausted, isOfContinuing, notJoined } from './interruptions.js';
import type { ResumeCall, ResumeParts } from './resume-parts.js';
import { resumeDelay } from './resume-delay.js';
import { limitsReached } from './limits-reached.js';

/** Vendors send an empty answer when they fail, so one proves little. This many in a row are believed. */
const EMPTY_ENDS_BELIEVED = 3;

/** One generation on its way through its segments, as `resume` guides it. */
export class ResumeRun {
  /** The inner generation under way. */
  private work: Relay<GenerationEvent> | undefined;
  private asked: GenerationRequest;
  private readonly state: GenerationState;
  private attempt: AttemptStart | undefined;
  private prefill: Prefill = 'none';
  /** Set while a new segment has not been joined yet. */
  private splice: Splice | undefined;
  private hasToolCalls = false;
  private hasAdded = false;
  /** Whether the caller has received any text. */
  private hasDelivered = false;
  /** Text deltas since the last token cap: a lower bound of its tokens. */
  private deltas = 0;
  private readonly attemptsWithoutProgress = new AttemptsWithoutProgress();
  private lastFailure: GenerationError | undefined;
  private emptyEnds = 0;
  private byInstruction = false;
  /** Runs in place of an end that was held back. */
  private instead: (() => void) | undefined;

  constructor(
    private readonly parts: ResumeParts,
    private readonly call: ResumeCall,
  ) {
    [this.asked, this.state] = [call.request, stateOf(call.request)];
  }

  /** A given text counts as the text of a first segment that broke off. */
  start(): void {
    const { request, given } = this.call;
    if (given === undefined || request.continuation !== undefined) this.ask(request);
    else {
      this.state.text.splice(0, Infinity, given);
      this.askToContinue('given');
    }
  }

  private ask(request: GenerationRequest): void {
    const { subscriber, next } = this.call;
    [this.asked, this.hasAdded, this.instead] = [request, false, undefined];
    this.work = new Relay<GenerationEvent>(subscriber, {
      next: (event) => this.take(event),
      error: (error) => this.broke(toGenerationError(error)),
      complete: () => (this.instead === undefined ? subscriber.complete() : this.instead()),
    });
    this.work.connect(next(request));
  }

  private take(event: GenerationEvent): void {
    switch (event.type) {
      case 'text-delta':
        if (this.splice === undefined) this.emit(event);
        else this.join(event.delta, this.splice);
        return;
      case 'generation-end':
        if (this.splice === undefined || this.isEnd(event, this.splice)) this.call.subscriber.next(event);
        return;
      case 'attempt-start':
        this.attempt = event;
        this.splice = this.spliceFor(event);
        break;
      case 'tool-call':
      case 'response-metadata':
        this.hasToolCalls ||= opensToolCall(event);
        break;
      default:
    }
    this.attemptsWithoutProgress.take(event);
    this.call.subscriber.next(event);
  }

  private emit(event: TextDelta): void {
    this.state.text.push(event.delta);
    [this.hasAdded, this.hasDelivered] = [true, true];
    this.deltas += 1;
    this.call.subscriber.next(event);
  }

  private spliceFor({ provider, model }: AttemptStart): Splice | undefined {
    if (this.asked.continuation === undefined) return undefined;
    this.prefill = this.parts.prefillOf({ ...this.asked, provider, model });
    return spliceOf(this.asked, this.prefill);
  }

  private join(delta: string, splice: Splice): void {
    const decision = splice.take(delta);
    if (decision.type === 'untrusted') {
      this.work?.unsubscribe();
      this.notJoined();
    } else if (decision.type === 'emit') {
      this.splice = undefined;
      this.reportSplice();
      this.emit({ type: 'text-delta', delta: decision.text });
    }
  }

  private reportSplice(): void {
    const { request, subscriber } = this.call;
    this.state.splices += 1;
    this.state.segments += 1;
    this.emptyEnds = 0;
    const reason = this.asked.continuation?.reason ?? 'interrupted';
    const { provider, model } = this.attempt ?? request;
    subscriber.next({ type: 'continuation', segment: this.state.segments, reason, provider, model });
  }

  /** Whether an answer that added nothing ends the generation. It does if its finish reason says it is not whole. */
  private isEnd({ finishReason }: GenerationEnd, splice: Splice): boolean {
    const isStop = finishReason.unified === 'stop';
    if (!isStop && this.asked.continuation?.reason !== 'given') return true;
    const end = splice.close();
    if (end === 'untrusted') this.instead = () => this.notJoined();
    if (end !== 'nothing' || !isStop) return end !== 'untrusted';
    this.emptyEnds += 1;
    if (this.emptyEnds >= EMPTY_ENDS_BELIEVED) return true;
    // Asked for the last words by instruction, a model proves by repeating them that nothing is missing.
    this.byInstruction = true;
    this.instead = () => this.resume();
    return false;
  }

  private broke(failure: GenerationError): void {
    const { request, subscriber } = this.call;
    const { onBreak } = this.parts.continuity;
    const cause = causeOf(failure);
    if (this.state.text.length === 0) subscriber.error(failure);
    else if (onBreak === 'fail') this.fail(failure);
    else if (failure.code !== 'interrupted') this.refused(failure);
    else if (!cause.retryable) this.fail(failure);
    else if (this.hasToolCalls) this.restart(failure);
    else if (onBreak === 'restart' && request.context.get(MAY_RESTART) !== 'never') this.restart(failure);
    else this.scheduleResume(failure, cause);
  }

  /** The request to continue failed before its first word. */
  private refused(failure: GenerationError): void {
    if (this.asked.continuation === undefined || !isOfContinuing(failure)) this.fail(failure);
    else if (failure.code === 'bad-request' && !this.byInstruction && this.prefill === 'exact') {
      this.byInstruction = true;
      this.resume();
    } else this.notJoined(failure);
  }

  private scheduleResume(failure: GenerationError, cause: GenerationError): void {
    const { subscriber } = this.call;
    if (this.hasAdded) this.attemptsWithoutProgress.clear();
    this.lastFailure = cause;
    const attempts = this.attemptsWithoutProgress.onThisRoute;
    // A route without attempts left needs no delay: the next route is asked at once, or there is none.
    const counted = attempts < this.parts.retry.maxAttempts ? attempts : 0;
    const delayMs = resumeDelay({ ...this.parts, state: this.state }, cause, counted);
    if (delayMs === undefined) this.fail(failure);
    else if (delayMs === 0) this.resume();
    else {
      subscriber.next({ type: 'retry-scheduled', attempt: this.state.requests + 1, delayMs, reason: cause.code });
      wait(this.parts.clock, delayMs).subscribe(new Relay(subscriber, { complete: () => this.resume() }));
    }
  }

  private resume(): void {
    const objection = this.limitsReached();
    if (objection !== undefined) this.fail(exhausted(undefined, objection));
    else this.askToContinue(this.hasAdded ? 'interrupted' : (this.asked.continuation?.reason ?? 'interrupted'));
  }

  private askToContinue(reason: ContinuationReason): void {
    const { byInstruction, deltas, call, parts } = this;
    const custom = parts.continuity.instruction;
    const isNative = !byInstruction && parts.prefillOf(call.request) === 'exact';
    const withoutProgress = this.attemptsWithoutProgress.byRoute(this.lastFailure);
    this.ask(continueAfterBreak(call.request, { reason, byInstruction, custom, isNative, deltas, withoutProgress }));
  }

  /** A text cut by the token cap is not restarted: it would be cut there again. */
  private notJoined(failure: GenerationError = notJoined(this.asked, this.attempt, this.call.given)): void {
    if (this.asked.continuation?.reason === 'length') this.call.subscriber.error(cannotContinue(failure));
    else this.restart(failure);
  }

  /** Restarts if that is allowed; fails otherwise. */
  private restart(failure: GenerationError): void {
    const { request, given, subscriber } = this.call;
    const { continuation: _broken, ...fresh } = request;
    if (!mayRestart(fresh, this.parts.continuity, given) || this.limitsReached() !== undefined) {
      this.fail(failure);
      return;
    }
    this.state.splices += 1;
    this.state.segments = 1;
    this.state.text.length = 0;
    [this.hasToolCalls, this.byInstruction, this.emptyEnds, this.deltas] = [false, false, 0, 0];
    this.attemptsWithoutProgress.clear();
    subscriber.next({ type: 'restart', reason: causeOf(failure).code });
    if (!subscriber.closed) this.ask(fresh);
  }

  private limitsReached(): string | undefined {
    return limitsReached(this.state, { ...this.parts.continuity, maxRequests: this.parts.maxRequests });
  }

  /** A failure before anything was added to a given text explains itself: no answer broke off. */
  private fail(failure: GenerationError): void {
    const { given, subscriber } = this.call;
    const isUntouched = given !== undefined && !this.hasDelivered && this.asked.continuation?.reason === 'given';
    subscriber.error(isUntouched ? failure : brokenForGood(failure));
  }
}
