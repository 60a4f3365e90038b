import { InterruptedError } from './classes.js';
import { GenerationError } from './generation-error.js';
import type { ErrorDetails } from './generation-error.js';

/** Creates the error of an answer that broke off after its first text. */
export function interrupted(failure: GenerationError): InterruptedError {
  return new InterruptedError(`The answer broke off before its end: ${failure.message}`, aboutCause(failure));
}

/** Returns the failure behind an `interrupted` error. Other errors are returned unchanged. */
export function causeOf(failure: GenerationError): GenerationError {
  return failure.code === 'interrupted' && GenerationError.is(failure.cause) ? failure.cause : failure;
}

/** Returns the details that an error takes over from its cause. */
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
