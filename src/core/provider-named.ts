import { didYouMean } from './util/nearest.js';
import { GenerationError } from './errors/generation-error.js';
import type { Provider } from './provider.js';

/** The provider of that id. @throws `invalid-input`, naming those there are */
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

/** That there is no such provider, which ones there are, and the nearest. */
export function noProvider(id: string, known: readonly string[]): string {
  return `No provider "${id}"; known: ${known.join(', ')}.${didYouMean(id, known)}`;
}
