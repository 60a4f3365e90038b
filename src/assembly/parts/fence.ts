import type { Cancel, Clock } from '../../core/clock.js';
import { reasonOf } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { PartCounts } from '../../core/part-counts.js';
import type { Logger, MaybePromise } from '../../core/ports.js';
import { guarded } from '../../core/util/guarded.js';
import { isPromise } from '../../core/util/maybe-promise.js';

/** The time limit of a decision, and the policy without an answer. */
export interface FenceSettings {
  /** Milliseconds; 0 for no limit. */
  readonly answerMs: number;
  readonly onFailure: 'open' | 'closed';
}

/** Dependencies of `Fence`. */
export interface FenceParts extends FenceSettings {
  readonly name: string;
  readonly replacedBy?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redact: (text: string) => string;
}

/** How a question is put. */
export interface Question<T> {
  readonly ask: () => MaybePromise<T>;
  /** Whether the answer has the right shape. */
  readonly isAnswer: (value: unknown) => boolean;
  /** The answer in place of a missing one. May throw. */
  readonly otherwise: () => T;
  /** Called with an answer that comes too late. */
  readonly discard?: (answer: T) => void;
}

/**
 * The fence around a part that users can replace. Whatever the part throws, rejects, returns or fails to return, what it
 * reports never reaches a generation, and a decision has an answer in time. Failures are counted; the first is logged.
 */
export class Fence {
  private answered = 0;
  private failed = 0;
  private late = 0;
  private lastFailure: string | undefined;

  constructor(private readonly parts: FenceParts) {}

  get counts(): PartCounts {
    const { answered, failed, late, lastFailure, parts } = this;
    return {
      name: parts.name,
      ...(parts.replacedBy !== undefined && { replacedBy: parts.replacedBy }),
      answered,
      failed,
      late,
      ...(lastFailure !== undefined && { lastFailure }),
    };
  }

  get isOpenOnFailure(): boolean {
    return this.parts.onFailure === 'open';
  }

  /** Asks a question. Answers at once if the part does. */
  decide<T>(question: Question<T>): MaybePromise<T> {
    let answer: MaybePromise<T>;
    try {
      answer = question.ask();
    } catch (error) {
      return this.missing(question, error);
    }
    return isPromise(answer) ? this.inTime(answer, question) : this.checked(answer, question);
  }

  /** Runs a report in the background. Never throws or rejects. */
  report(run: () => unknown): void {
    try {
      const running = run();
      if (isPromise(running)) running.then(undefined, (error: unknown) => this.fails(error, true));
    } catch (error) {
      this.fails(error, true);
    }
  }

  /** Starts the time for an answer. @param late runs once it is over */
  startTime(late: () => void): Cancel {
    const { clock, answerMs } = this.parts;
    return answerMs === 0 ? () => undefined : clock.setTimer(answerMs, late);
  }

  noAnswer(): Error {
    return new Error(`no answer within ${this.parts.answerMs} ms (ports.${this.parts.name}.answerMs)`);
  }

  answers(): void {
    this.answered += 1;
  }

  answersLate(): void {
    this.late += 1;
  }

  /** @param isReport the failure was in a report, so no generation is affected */
  fails(error: unknown, isReport = false): void {
    const { name, replacedBy, logger, redact } = this.parts;
    this.failed += 1;
    this.lastFailure = redact(safely(error)).slice(0, 500).replace(/\.$/, '');
    if (this.failed > 1) return;
    const where = replacedBy === undefined ? '' : `, replaced by ${replacedBy},`;
    const text = `The part "${name}"${where} failed: ${this.lastFailure}. ${this.consequence(isReport)}`;
    guarded(() => logger.warn(text))();
  }

  /** `limits: no route to the server`, for the error of a generation that waits in vain. */
  get detail(): string {
    return `${this.parts.name}: ${this.lastFailure ?? 'no answer'}`;
  }

  private consequence(isReport: boolean): string {
    if (isReport) return 'The report is lost; no generation is affected.';
    if (this.isOpenOnFailure) return 'Generations go on without it.';
    const { name } = this.parts;
    return name === 'cache' || name === 'state'
      ? 'Generations that need it fail.'
      : 'Generations wait for it, up to retry.maxRetryAfterMs.';
  }

  /** The error of a generation that cannot go on without the part. */
  unavailable(): GenerationError {
    return new GenerationError(
      'unavailable',
      `The part "${this.parts.name}" does not answer: ${this.lastFailure ?? 'no reason given'}. Try again later, or set ports.${this.parts.name}.onFailure to "open".`,
      { retryable: true },
    );
  }

  private inTime<T>(answer: Promise<T>, question: Question<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const settle = (give: () => MaybePromise<T>): void => {
        isOver = true;
        try {
          resolve(give());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const cancel = this.startTime(() => settle(() => this.missing(question, this.noAnswer())));
      answer.then(
        (value) => {
          cancel();
          if (!isOver) settle(() => this.checked(value, question));
          else {
            this.answersLate();
            this.report(() => question.discard?.(value));
          }
        },
        (error: unknown) => {
          cancel();
          if (!isOver) settle(() => this.missing(question, error));
        },
      );
    });
  }

  private checked<T>(answer: T, question: Question<T>): T {
    let isRight: boolean;
    try {
      isRight = question.isAnswer(answer);
    } catch {
      isRight = false;
    }
    if (!isRight) return this.missing(question, new Error('its answer has the wrong shape'));
    this.answers();
    return answer;
  }

  private missing<T>(question: Question<T>, error: unknown): T {
    this.fails(error);
    return question.otherwise();
  }
}

/** Describes a thrown value, whatever it is. */
function safely(error: unknown): string {
  try {
    return reasonOf(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
