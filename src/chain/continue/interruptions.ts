import { GenerationError } from '../../core/errors/generation-error.js';
import { aboutCause, causeOf, interrupted } from '../../core/errors/interrupted.js';
import type { ErrorCode } from '../../core/errors/codes.js';
import { InterruptedError, RetryExhaustedError } from '../../core/errors/classes.js';
import type { AttemptStart } from '../../core/events.js';
import type { GenerationRequest } from '../../core/request.js';

/** The answer to a request to continue cannot be joined to the text. */
export function notJoined(
  { provider, model, continuation }: GenerationRequest,
  attempt: AttemptStart | undefined,
  given: string | undefined,
): InterruptedError {
  const made = { provider: attempt?.provider ?? provider, model: attempt?.model ?? model };
  if (continuation?.reason === 'length')
    return new InterruptedError(`${made.model} did not continue it from its end, so its answer was dropped.`, made);
  const what =
    continuation?.reason === 'given'
      ? `${made.model} did not continue the text of continueFrom from its end, so its answer was dropped.`
      : `The answer broke off, and ${made.model} did not continue from the place where it did.`;
  const remedy =
    given === undefined
      ? 'generate() restarts in such a case, stream() only with continuity.onBreak "restart".'
      : 'Try again, use a model with native prefill, or allow a new text with continuity.onBreak "restart".';
  return new InterruptedError(`${what} ${remedy}`, made);
}

/** A text cut by the token cap that cannot be continued stays as it is. */
export function cannotContinue(failure: GenerationError): GenerationError {
  return failure.code === 'cannot-continue'
    ? failure
    : new GenerationError('cannot-continue', failure.message, aboutCause(failure));
}

/** Whether the request to continue may have caused the failure, so that a fresh request may succeed. */
export function isOfContinuing({ code }: GenerationError): boolean {
  return code === 'cannot-continue' || code === 'bad-request' || code === 'context-length';
}

/** Continuing is given up. */
export function exhausted(failure: GenerationError | undefined, why: string): InterruptedError {
  const about = failure === undefined ? {} : aboutCause(causeOf(failure));
  return interrupted(
    new RetryExhaustedError(
      `${why}${failure === undefined ? '' : `; the last failure: ${causeOf(failure).message}`}`,
      about,
    ),
  );
}

/** Failures that explain by themselves why a generation ended, whether or not text had been delivered. */
const REPORTED_AS_THEY_ARE: ReadonlySet<ErrorCode> = new Set([
  'interrupted',
  'rate-limit',
  'quota',
  'budget',
  'unavailable',
  'aborted',
  'content-filter',
  'internal',
]);

/** Makes the error for the user of a text that stays unfinished. */
export function brokenForGood(failure: GenerationError): GenerationError {
  return REPORTED_AS_THEY_ARE.has(failure.code) ? failure : interrupted(failure);
}
