import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import type { Cancel, Clock } from '../core/clock.js';
import { reasonOf, toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import { soundFailure } from '../core/outside/sound-failure.js';
import { withSoundUsage } from '../core/outside/sound-usage.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import type { CurrentAttempt } from '../core/state.js';
import { Relay } from '../core/util/relay.js';
import { EventChecks, streamFrom } from './checked-events.js';
import type { EventSource } from './checked-events.js';
import type { ReportFault } from './fault-log.js';
import { guardOperators, GuardedStream } from './guarded-stream.js';
import type { StreamFaults } from './guarded-stream.js';

/** How long an interceptor may work in silence while no answer is under way. */
const SILENCE_MS = 600_000;
/** How long an interceptor may take to complete after its end. */
const CLOSING_MS = 5_000;

/** Dependencies of `InterceptorRun`. */
export interface InterceptorRunParts {
  /** The subject of a sentence: `The interceptor "mine"`. */
  readonly culprit: string;
  readonly report: ReportFault;
  readonly clock: Clock;
  /** It stands inside an attempt, which is one real request. */
  readonly isInAttempt: boolean;
  /** The attempt that it stands inside, if that has begun. */
  readonly attempt: CurrentAttempt | undefined;
}

/**
 * One run of an interceptor that is not built in, between its door and `next`. It may ask `next` again, but not twice at
 * once, since the answers of one generation share its state; and not twice in an attempt. Whatever it does, its stream
 * ends: while no answer is under way it has ten minutes, which each event starts anew, and five seconds after its own end.
 */
export class InterceptorRun {
  readonly door: Relay<GenerationEvent>;
  private readonly checks: EventChecks;
  private readonly faults: StreamFaults;
  /** The answers under way, and those whose end has come but that have not completed. */
  private readonly answers = new Map<Relay<GenerationEvent>, { hasEnded: boolean }>();
  private asked = 0;
  private cancelTimer: Cancel = () => undefined;

  constructor(
    private readonly parts: InterceptorRunParts,
    subscriber: Subscriber<GenerationEvent>,
  ) {
    this.checks = new EventChecks(this.source(), subscriber, () => this.door.unsubscribe());
    this.door = new Relay(subscriber, this.checks);
    this.faults = {
      fail: (error) => {
        if (this.door.closed) parts.report(parts.culprit, 'threw in a handler after its end', error);
        else this.door.error(error);
      },
      teardownFailed: (error) => this.checks.teardownFailed(error),
    };
  }

  /** @param intercept calls the interceptor */
  open(intercept: () => unknown): void {
    this.door.open(() => guardOperators(streamFrom(intercept(), this.parts.culprit), this.faults));
    this.waitForEnd();
  }

  /** The stream that the interceptor gets from `next`. */
  inner(stream: Observable<GenerationEvent>): Observable<GenerationEvent> {
    return new GuardedStream(new Observable((subscriber) => this.ask(stream, subscriber)), this.faults);
  }

  private ask(stream: Observable<GenerationEvent>, subscriber: Subscriber<GenerationEvent>): void {
    const { culprit, report, isInAttempt } = this.parts;
    if (this.door.closed || this.checks.hasEnded) {
      report(culprit, 'subscribed to next after its own end, which was refused');
      subscriber.complete();
      return;
    }
    this.leaveEnded();
    const refusal = this.answers.size > 0 ? TWICE_AT_ONCE : this.asked > 0 && isInAttempt ? TWICE_IN_AN_ATTEMPT : '';
    if (refusal !== '') {
      this.door.error(new GenerationError('internal', `${culprit} ${refusal}`));
      return;
    }
    this.asked += 1;
    this.cancelTimer();
    if (this.parts.attempt !== undefined) this.parts.attempt.isHeld = false;
    this.follow(stream, subscriber);
  }

  private follow(stream: Observable<GenerationEvent>, subscriber: Subscriber<GenerationEvent>): void {
    const progress = { hasEnded: false };
    const answer: Relay<GenerationEvent> = new Relay(subscriber, {
      next: (event) => {
        // The interceptor may judge the end, and ask again at once.
        if (event.type === 'generation-end') progress.hasEnded = true;
        subscriber.next(event);
      },
      error: (error) => {
        this.answers.delete(answer);
        subscriber.error(error);
      },
      complete: () => {
        this.answers.delete(answer);
        subscriber.complete();
      },
      finalize: () => {
        this.answers.delete(answer);
        this.waitForEnd();
      },
    });
    this.answers.set(answer, progress);
    answer.connect(stream);
  }

  /** Ends the answers that are whole, so that another one may follow. */
  private leaveEnded(): void {
    for (const [answer, { hasEnded }] of this.answers) if (hasEnded) this.leave(answer);
  }

  private leave(answer: Relay<GenerationEvent>): void {
    try {
      answer.unsubscribe();
    } catch (error) {
      this.checks.teardownFailed(error);
    }
  }

  /** Whatever has become of the answers, if one was asked for at all: the stream must end. */
  private waitForEnd(): void {
    if (this.answers.size > 0 || this.checks.hasEnded || this.door.closed) return;
    const { passed } = this.checks;
    const { attempt, clock } = this.parts;
    // Before it asks, the attempt has its time limits: nothing has been sent, so that another attempt costs nothing.
    if (attempt !== undefined && this.asked > 0) attempt.isHeld = true;
    this.cancelTimer();
    this.cancelTimer = clock.setTimer(SILENCE_MS, () => {
      if (this.checks.passed > passed) this.waitForEnd();
      else this.door.error(new GenerationError('internal', `${this.parts.culprit} ${KEPT_THE_END}`));
    });
  }

  private close(): void {
    this.cancelTimer();
    for (const answer of this.answers.keys()) this.leave(answer);
  }

  /** An interceptor may emit and throw what it got from anywhere. */
  private source(): EventSource {
    const { culprit, report, clock } = this.parts;
    const wrong = new WrongNumbers();
    return {
      culprit,
      report,
      clean: (event, emit) => {
        const sound = withSoundUsage(event, wrong.reject);
        if (sound !== event) wrong.warn(culprit, emit);
        return sound;
      },
      cleanError: (error) => (GenerationError.is(error) ? soundFailure(error, clock.now()) : named(error, culprit)),
      incomplete: () => new GenerationError('internal', `${culprit} ${CUT_OFF}`),
      ended: (close) => {
        this.cancelTimer();
        this.cancelTimer = clock.setTimer(CLOSING_MS, () => {
          report(culprit, `did not complete within ${CLOSING_MS / 1000} s after generation-end`);
          close();
        });
      },
      closed: () => this.close(),
    };
  }
}

const TWICE_AT_ONCE =
  'subscribed to next while its earlier subscription was running. Each subscription is a paid request; end the earlier one first.';
const TWICE_IN_AN_ATTEMPT =
  'subscribed to next twice in one attempt, which is one request. Move it to the phase "recover" to ask again.';
const CUT_OFF = 'completed its stream without generation-end, so the answer is not whole. Pass the end on, or fail.';
const KEPT_THE_END = `did not pass on the end of the answer, and emitted nothing for ${SILENCE_MS / 60_000} minutes. Pass the end on, or fail; emit an event, such as \`waiting\`, during longer work.`;

/** Names who has thrown. A failure of the network keeps its code. */
function named(error: unknown, culprit: string): GenerationError {
  const failure = toGenerationError(error);
  if (failure.code !== 'internal') return failure;
  return new GenerationError('internal', `${culprit} failed: ${reasonOf(error)}`, { cause: error });
}
