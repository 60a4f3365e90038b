import { MAY_RESTART } from '../../core/continuation.js';
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
import type { Doubt } from './splice/splice.js';
import { continueAfterBreak, mayRestart } from './continuation-request.js';
import { ContinuationAsks } from './continuation-asks.js';
import { UnjoinedAnswer } from './unjoined-answer.js';
import { AttemptsWithoutProgress } from './attempts-without-progress.js';
import { brokenForGood, cannotContinue, exhausted, isOfContinuing, notJoined } from './interruptions.js';
import type { ResumeCall, ResumeParts } from './resume-parts.js';
import { resumeDelay } from './resume-delay.js';
import { limitsReached } from './limits-reached.js';

/** One generation on its way through its segments, as `resume` guides it. */
export class ResumeRun {
  /** The inner generation under way. */
  private work: Relay<GenerationEvent> | undefined;
  private asked: GenerationRequest;
  private readonly state: GenerationState;
  private attempt: AttemptStart | undefined;
  /** Set while a new segment has not been joined yet. */
  private unjoined: UnjoinedAnswer | undefined;
  private hasToolCalls = false;
  private hasAdded: boolean | undefined;
  /** Whether the caller has received any text. */
  private hasDelivered = false;
  /** Text deltas since the last token cap: a lower bound of its tokens. */
  private deltas = 0;
  private readonly attemptsWithoutProgress = new AttemptsWithoutProgress();
  private lastFailure: GenerationError | undefined;
  private readonly asks = new ContinuationAsks();
  /** Runs in place of an end that was held back. */
  private instead: (() => void) | undefined;

  constructor(
    private readonly parts: ResumeParts,
    private readonly call: ResumeCall,
  ) {
    [this.asked, this.state] = [call.request, stateOf(call.request)];
  }

  /** A given text counts as the text of a first segment that broke off. An interceptor may ask for another answer. */
  start(): void {
    const { request, given } = this.call;
    if (request.continuation === undefined) {
      this.state.text.splice(0, Infinity, ...(given === undefined ? [] : [given]));
      this.state.segments = 1;
    }
    if (given === undefined || request.continuation !== undefined) this.ask(request);
    else this.askToContinue('given');
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
        if (this.unjoined === undefined) this.emit(event);
        else this.join(event, this.unjoined);
        return;
      case 'generation-end':
        if (this.unjoined === undefined || this.isEnd(event, this.unjoined)) this.call.subscriber.next(event);
        return;
      case 'attempt-start':
        this.attempt = event;
        this.unjoined = this.unjoinedAnswer(event);
        break;
      default:
    }
    this.attemptsWithoutProgress.take(event);
    if (this.unjoined?.hold(event) === true) return;
    this.hasToolCalls ||= this.unjoined === undefined && opensToolCall(event);
    this.call.subscriber.next(event);
  }

  private emit(event: TextDelta): void {
    this.state.text.push(event.delta);
    [this.hasAdded, this.hasDelivered] = [true, true];
    this.deltas += 1;
    this.call.subscriber.next(event);
  }

  private unjoinedAnswer(attempt: AttemptStart): UnjoinedAnswer | undefined {
    const { asked, asks, parts } = this;
    const { continuation } = asked;
    if (continuation === undefined) return undefined;
    return new UnjoinedAnswer({ asked, continuation, attempt, ask: asks.current, prefillOf: parts.prefillOf });
  }

  private join(event: TextDelta, unjoined: UnjoinedAnswer): void {
    const decision = unjoined.take(event);
    if (decision.type === 'untrusted') {
      this.work?.unsubscribe();
      this.askAgain(decision.doubt, unjoined);
    } else if (decision.type === 'emit') this.joined(unjoined, decision.text);
  }

  private joined(unjoined: UnjoinedAnswer, text: string): void {
    const { request, subscriber } = this.call;
    this.unjoined = undefined;
    this.hasToolCalls ||= unjoined.hasToolCalls;
    if (text !== '') {
      this.state.splices += 1;
      this.state.segments += 1;
      this.asks.joined();
      const reason = this.asked.continuation?.reason ?? 'interrupted';
      const { provider, model } = this.attempt ?? request;
      subscriber.next({ type: 'continuation', segment: this.state.segments, reason, provider, model });
      this.emit({ type: 'text-delta', delta: text });
    }
    for (const event of unjoined.held) subscriber.next(event);
  }

  /** Whether an answer that ends before it was joined ends the generation. It does if it proves that the text is whole. */
  private isEnd({ finishReason }: GenerationEnd, unjoined: UnjoinedAnswer): boolean {
    const end = unjoined.close(finishReason.unified === 'stop');
    if (end.type === 'untrusted') this.instead = () => this.askAgain(end.doubt, unjoined);
    else this.joined(unjoined, end.text);
    return end.type !== 'untrusted';
  }

  private askAgain(doubt: Doubt, { wasPrefilled }: UnjoinedAnswer): void {
    if (this.asks.next(doubt, wasPrefilled)) this.resume();
    else this.notJoined();
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
    else if (failure.code === 'bad-request' && this.unjoined?.wasPrefilled === true) {
      this.asks.instruct();
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
    const { asks, deltas, call, parts } = this;
    const custom = parts.continuity.instruction;
    const isNative = !asks.isByInstruction && parts.prefillOf(call.request) === 'exact';
    const withoutProgress = this.attemptsWithoutProgress.byRoute(this.lastFailure);
    this.ask(
      continueAfterBreak(call.request, { reason, ask: asks.current, custom, isNative, deltas, withoutProgress }),
    );
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
    [this.hasToolCalls, this.deltas] = [false, 0];
    this.asks.reset();
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
