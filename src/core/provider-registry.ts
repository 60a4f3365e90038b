import type { ModelInfo } from './catalogue.js';
import type { Prefill } from './continuation.js';
import type { LimitKey, Provider } from './provider.js';
import type { GenerationRequest } from './request.js';
import type { Tariff } from './tariff.js';
import { didYouMean } from './util/nearest.js';

/** The providers of a pipeline, and what is known of them without a request. Its methods need no `this`. */
export interface ProviderRegistry {
  /** The ids, in the order in which the providers were added. */
  readonly ids: readonly string[];
  /** The id of the provider that was added first. */
  readonly firstId: string;
  /** Returns the provider with this id, if there is one. */
  readonly find: (id: string) => Provider | undefined;
  /**
   * Returns the provider with this id.
   * @throws GenerationError `invalid-input`, listing the known providers
   */
  readonly get: (id: string) => Provider;
  /**
   * Returns what a provider knows of a model. A lookup that throws, or a number that cannot be true, counts as
   * unknown, because it must not fail a generation.
   */
  readonly knownModel: (provider: string, model: string) => ModelInfo | undefined;
  /** Returns what an attempt can cost. A provider that cannot tell counts as one without a known price. */
  readonly tariffOf: (request: GenerationRequest) => Tariff;
  /** Returns how the request's model continues a given text. */
  readonly prefillOf: (request: GenerationRequest) => Prefill;
  /**
   * Returns the limit keys of the request's provider. A provider without any gets one for all requests, so that a 429
   * can pause it.
   */
  readonly limitKeysOf: (request: GenerationRequest) => readonly LimitKey[];
  /** Returns the names of a provider's credentials, if it has several; otherwise none. */
  readonly credentialsOf: (provider: string) => readonly string[];
}

/** Writes the error message for an unknown provider: the known ones, and a similar name if there is one. */
export function noProvider(id: string, known: readonly string[]): string {
  return `No provider "${id}"; known: ${known.join(', ')}.${didYouMean(id, known)}`;
}
