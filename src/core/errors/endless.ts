import { GenerationError } from './generation-error.js';

/** Makes the error of a provider that completed without the end of its answer, which breaks its contract. */
export function endless(provider: string): GenerationError {
  return new GenerationError('truncated', `The provider "${provider}" completed without the end of its answer.`, {
    retryable: true,
  });
}
