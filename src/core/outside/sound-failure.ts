import type { GenerationError } from '../errors/generation-error.js';
import { asResetTime } from './numbers.js';

/**
 * Returns an error without a time for the next try that cannot be true, such as one in a thousand years. Returns the same
 * error if there is none. The other numbers of an error are checked when it is made.
 * @param now epoch milliseconds
 */
export function soundFailure<E extends GenerationError>(error: E, now: number): E {
  if (error.retryAt === undefined || asResetTime(error.retryAt, now) !== undefined) return error;
  const copy = error.withDetails({});
  Reflect.deleteProperty(copy, 'retryAt');
  return copy;
}
