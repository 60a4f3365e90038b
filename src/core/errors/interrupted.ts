import { InterruptedError } from './classes.js';
import { GenerationError } from './generation-error.js';
import type { ErrorDetails } from './generation-error.js';

/** The answer broke off after its first text. */
export function interrupted(failure: GenerationError): InterruptedError {
  return new InterruptedError(`The answer broke off before its end: ${failure.message}`, aboutCause(failure));
}

/** What broke an answer off, without what was made of it. */
export function causeOf(failure: GenerationError): GenerationError {
  return failure.code === 'interrupted' && GenerationError.is(failure.cause) ? failure.cause : failure;
}

/** What an error takes over from its cause. */
export function aboutCause(cause: GenerationError): ErrorDetails {
  const { status, retryAt, provider, model } = cause;
  return {
    cause,
    ...(status !== undefined && { status }),
    ...(retryAt !== undefined && { retryAt }),
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
  };
}
