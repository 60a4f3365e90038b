import { Subscription } from 'rxjs';
import type { Subscriber } from 'rxjs';
import type { Clock, Random } from '../../core/clock.js';
import { ATTEMPTS_WITHOUT_PROGRESS, isAnchored, MAY_RESTART } from '../../core/continuation.js';
import type { Prefill } from '../../core/continuation.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import { causeOf } from '../../core/errors/interrupted.js';
import type { AttemptStart, GenerationEnd, GenerationEvent } from '../../core/events.js';
import type { Handler } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import type { ContinuitySettings, RetrySettings } from '../../core/settings.js';
import { stoppedBy } from '../../core/util/stopped-by.js';
import { Splice } from './splice/splice.js';
import { continuedText, continueFrom } from './continuation-request.js';
import { AttemptsWithoutProgress } from './attempts-without-progress.js';
import { brokenForGood, cannotContinue, exhausted, isOfGoingOn, notJoined } from './interruptions.js';
import { resumeDelay } from './resume-delay.js';
import { limitsReached } from './limits-reached.js';

export interface ResumeParts {
  readonly continuity: ContinuitySettings;
  readonly retry: RetrySettings;
  /** Real requests of one generation. */
  readonly maxRequests: number;
  readonly clock: Clock;
  readonly random: Random;
  /** What the request's model does with a text to go on from. */
  readonly prefillOf: (request: GenerationRequest) => Prefill;
}

interface Call {
  readonly request: GenerationRequest;
  readonly next: Handler;
  readonly subscriber: Subscriber<GenerationEvent>;
}

/** An empty answer proves little: vendors give one when they fail. So many in a row are believed. */
const EMPTY_ENDS_BELIEVED = 3;

/** One generation on its way through its segments, as `resume` guides it. */
export class ResumeRun {
  /** The inner generation under way. */
  private work = new Subscription();
  private asked: GenerationRequest;
  private attempt: AttemptStart | undefined;
  private prefill: Prefill = 'none';
  /** Where a new segment has not been joined yet. */
  private splice: Splice | undefined;
  private hasToolCalls = false;
  private hasAdded = false;
  /** Text deltas since the last token cap: at least so many tokens. */
  private deltas = 0;
  private readonly attemptsWithoutProgress = new AttemptsWithoutProgress();
  private lastFailure: GenerationError | undefined;
  private emptyEnds = 0;
  private byInstruction = false;
  /** In place of an end that was kept back. */
  private instead: (() => void) | undefined;

  constructor(
    private readonly parts: ResumeParts,
    private readonly call: Call,
  ) {
    this.asked = call.request;
  }

  ask(request: GenerationRequest): void {
    this.call.subscriber.remove(this.work);
    this.work = new Subscription();
    this.call.subscriber.add(this.work);
    this.asked = request;
    this.hasAdded = false;
    this.instead = undefined;
    stoppedBy(this.work, this.call.next(request)).subscribe({
      next: (event) => this.take(event),
      error: (error: unknown) => this.broke(toGenerationError(error)),
      complete: () => (this.instead ?? (() => this.call.subscriber.complete()))(),
    });
  }

  private take(event: GenerationEvent): void {
    switch (event.type) {
      case 'text-delta':
        if (this.splice === undefined) this.hand(event);
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
        this.hasToolCalls = true;
        break;
      case 'response-metadata':
        this.hasToolCalls ||= event.toolCallsOpen === true;
        break;
      default:
    }
    this.attemptsWithoutProgress.take(event);
    this.call.subscriber.next(event);
  }

  private hand(event: Extract<GenerationEvent, { type: 'text-delta' }>): void {
    this.call.request.state.text.push(event.delta);
    this.hasAdded = true;
    this.deltas += 1;
    this.call.subscriber.next(event);
  }

  private spliceFor({ provider, model }: AttemptStart): Splice | undefined {
    const { continuation } = this.asked;
    if (continuation === undefined) return undefined;
    this.prefill = this.parts.prefillOf({ ...this.asked, provider, model });
    return new Splice(
      continuedText(this.asked),
      isAnchored(continuation, this.prefill) ? continuation.text.length : undefined,
    );
  }

  private join(delta: string, splice: Splice): void {
    const decision = splice.take(delta);
    if (decision.type === 'untrusted') {
      this.work.unsubscribe();
      this.notJoined();
    } else if (decision.type === 'emit') {
      this.splice = undefined;
      this.reportSplice();
      this.hand({ type: 'text-delta', delta: decision.text });
    }
  }

  private reportSplice(): void {
    const {
      request: { state, provider, model },
      subscriber,
    } = this.call;
    state.splices += 1;
    state.segments += 1;
    this.emptyEnds = 0;
    const reason = this.asked.continuation?.reason ?? 'interrupted';
    const made = this.attempt ?? { provider, model };
    subscriber.next({
      type: 'continuation',
      segment: state.segments,
      reason,
      provider: made.provider,
      model: made.model,
    });
  }

  /** Whether an answer that added nothing ends the generation. One that says itself that it is not whole does. */
  private isEnd({ finishReason }: GenerationEnd, splice: Splice): boolean {
    if (finishReason.unified !== 'stop') return true;
    const end = splice.close();
    if (end === 'untrusted') this.instead = () => this.notJoined();
    if (end !== 'nothing') return end !== 'untrusted';
    this.emptyEnds += 1;
    if (this.emptyEnds >= EMPTY_ENDS_BELIEVED) return true;
    // Asked for the last words once more, a model proves by them that there is no more to come.
    this.byInstruction = true;
    this.instead = () => this.goOn();
    return false;
  }

  private broke(failure: GenerationError): void {
    const {
      request: { state, context },
      subscriber,
    } = this.call;
    const { onBreak } = this.parts.continuity;
    const cause = causeOf(failure);
    if (state.text.length === 0) subscriber.error(failure);
    else if (onBreak === 'fail') this.fail(failure);
    else if (failure.code !== 'interrupted') this.refused(failure);
    else if (this.hasToolCalls) this.beginAgain(failure);
    else if (!cause.retryable) this.fail(failure);
    else if (onBreak === 'restart' && context.get(MAY_RESTART) !== 'never') this.beginAgain(failure);
    else this.tryAgain(failure, cause);
  }

  /** The request to go on has failed before it brought a word. */
  private refused(failure: GenerationError): void {
    if (this.asked.continuation === undefined || !isOfGoingOn(failure)) this.fail(failure);
    else if (failure.code === 'bad-request' && !this.byInstruction && this.prefill === 'exact') {
      this.byInstruction = true;
      this.goOn();
    } else this.notJoined(failure);
  }

  private tryAgain(failure: GenerationError, cause: GenerationError): void {
    const {
      parts,
      call: {
        request: { state },
        subscriber,
      },
    } = this;
    if (this.hasAdded) this.attemptsWithoutProgress.clear();
    this.lastFailure = cause;
    const attempts = this.attemptsWithoutProgress.onThisRoute;
    // Where this route has had its attempts, the next one is taken at once, or there is none.
    const delayMs = resumeDelay({ ...parts, state }, cause, attempts < parts.retry.maxAttempts ? attempts : 0);
    if (delayMs === undefined) this.fail(failure);
    else if (delayMs === 0) this.goOn();
    else {
      subscriber.next({ type: 'retry-scheduled', attempt: state.requests + 1, delayMs, reason: cause.code });
      this.work.add(parts.clock.setTimer(delayMs, () => this.goOn()));
    }
  }

  private goOn(): void {
    const {
      parts: { continuity, prefillOf },
      call: { request },
      byInstruction,
    } = this;
    const { state, context, maxTokens } = request;
    const objection = this.limitsReached();
    if (objection !== undefined) {
      this.fail(exhausted(undefined, objection));
      return;
    }
    const text = state.text.join('');
    state.text.splice(0, Infinity, text);
    const continued = continueFrom(request, {
      text,
      custom: continuity.instruction,
      reason: this.hasAdded ? 'interrupted' : (this.asked.continuation?.reason ?? 'interrupted'),
      byInstruction,
    });
    // Who must bring something back needs room for it; who goes on at the very end has had a part of its tokens.
    const isNative = maxTokens !== undefined && !byInstruction && prefillOf(request) === 'exact';
    this.ask({
      ...continued,
      context: context.with(ATTEMPTS_WITHOUT_PROGRESS, this.attemptsWithoutProgress.byRoute(this.lastFailure)),
      ...(isNative && { maxTokens: Math.max(maxTokens - this.deltas, 1) }),
    });
  }

  /** A text that the token cap has cut would be cut again there: it is not begun again for that. */
  private notJoined(failure: GenerationError = notJoined(this.asked, this.attempt)): void {
    if (this.asked.continuation?.reason === 'length') this.call.subscriber.error(cannotContinue(failure));
    else this.beginAgain(failure);
  }

  /** Begins again, if it may; else fails. */
  private beginAgain(failure: GenerationError): void {
    const {
      call: {
        request: { continuation: _given, ...fresh },
        subscriber,
      },
      parts: { continuity },
    } = this;
    const mayRestart = { always: true, never: false, 'if-configured': continuity.onBreak === 'restart' }[
      fresh.context.get(MAY_RESTART)
    ];
    if (!mayRestart || this.limitsReached() !== undefined) {
      this.fail(failure);
      return;
    }
    fresh.state.splices += 1;
    fresh.state.segments = 1;
    fresh.state.text.length = 0;
    [this.hasToolCalls, this.byInstruction, this.emptyEnds, this.deltas] = [false, false, 0, 0];
    this.attemptsWithoutProgress.clear();
    subscriber.next({ type: 'restart', reason: causeOf(failure).code });
    if (!subscriber.closed) this.ask(fresh);
  }

  private limitsReached(): string | undefined {
    return limitsReached(this.call.request.state, { ...this.parts.continuity, maxRequests: this.parts.maxRequests });
  }

  private fail(failure: GenerationError): void {
    this.call.subscriber.error(brokenForGood(failure));
  }
}
