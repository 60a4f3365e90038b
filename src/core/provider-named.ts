import { didYouMean } from './util/nearest.js';
import { GenerationError } from './errors/generation-error.js';
import type { Provider } from './provider.js';

/**
 * Returns the provider with this id.
 * @throws GenerationError `invalid-input`, listing the known providers
 */
export function providerNamed(id: string, providers: readonly Provider[]): Provider {
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider !== undefined) return provider;
  throw new GenerationError(
    'invalid-input',
    noProvider(
      id,
      providers.map((candidate) => candidate.id),
    ),
  );
}

/** Writes the error message for an unknown provider: the known ones, and a similar name if there is one. */
export function noProvider(id: string, known: readonly string[]): string {
  return `No provider "${id}"; known: ${known.join(', ')}.${didYouMean(id, known)}`;
}
