import type { PipelineConfig } from '../config/base-schema.js';
import type { ModelInfo } from '../core/catalogue.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import { newGenerationState } from '../core/state.js';
import { defined } from '../core/util/defined.js';
import type { GenerationInput } from '../input/generation-input.js';
import { normalise } from '../input/normalise.js';

/** An input that is valid, and what is known of it before anything is sent. */
export interface CheckedInput {
  /**
   * The input with the configured defaults filled in: provider, model, sampling, wire, continuity and routes. A pipeline with
   * other defaults makes the same of it.
   */
  readonly input: GenerationInput & { readonly provider: string; readonly model: string };
  /** Whether the most that it can cost is known. Catalogues are loaded by `models()`. */
  readonly isPriceKnown: boolean;
  /** The model as the catalogue describes it; left out if that has not been loaded, or does not have it. */
  readonly modelInfo?: ModelInfo;
}

/** Dependencies of `checkInput`. */
export interface CheckParts {
  readonly providers: ProviderRegistry;
  readonly config: Pick<PipelineConfig, 'defaults' | 'continuity' | 'routes'>;
}

/**
 * Checks an input as a generation would, and fills in the defaults. Sends nothing.
 * @throws GenerationError `invalid-input` with the field, its value and the expected format
 */
export function checkInput(given: GenerationInput, { providers, config }: CheckParts): CheckedInput {
  const { defaults, continuity, routes } = config;
  const id = given.id ?? 'checked';
  const request = normalise(given, { id, defaults, providers, state: newGenerationState(0) });
  const { provider, model, maxTokens, temperature, topP, wire, overrides } = request;
  const modelInfo = providers.knownModel(provider, model);
  const { reconcile: _ofThePipeline, ...own } = continuity;
  return {
    input: {
      ...defined(given),
      wire,
      // What is not sent here must not be sent by a pipeline that has a default for it.
      maxTokens: maxTokens ?? null,
      temperature: temperature ?? null,
      topP: topP ?? null,
      provider,
      model,
      overrides: { routes, ...overrides, continuity: { ...own, ...overrides.continuity } },
    },
    isPriceKnown: providers.tariffOf(request).prices !== undefined,
    ...(modelInfo !== undefined && { modelInfo }),
  };
}
