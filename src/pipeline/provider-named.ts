import { didYouMean } from '../config/nearest.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { Provider } from '../core/provider.js';

/** The provider of that id. @throws `invalid-input`, naming those there are */
export function providerNamed(id: string, providers: readonly Provider[]): Provider {
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider !== undefined) return provider;
  const known = providers.map((candidate) => candidate.id);
  throw new GenerationError('invalid-input', `No provider "${id}"; known: ${known.join(', ')}.${didYouMean(id, known)}`);
}
