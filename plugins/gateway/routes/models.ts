import type { ModelInfo } from 'scriptorium/plugin';
import { isAllowed } from '../access/policies/models.js';
import type { Policy } from '../access/policy.js';

/** Writes models as the lists of OpenAI and of OpenRouter, which a client of either can read. */
export function modelList(models: readonly ModelInfo[], policy: Policy): object {
  return { object: 'list', data: models.filter(({ id }) => isAllowed(id, policy.models)).map(modelOf) };
}

function modelOf(model: ModelInfo): object {
  const { id, name, contextLength, maxOutputTokens, price, inputModalities, outputModalities, raw } = model;
  return {
    name: name ?? id,
    created: 0,
    ...(contextLength !== undefined && { context_length: contextLength }),
    ...(price !== undefined && { pricing: { prompt: price.prompt, completion: price.completion } }),
    ...(inputModalities !== undefined && {
      architecture: { input_modalities: inputModalities, output_modalities: outputModalities ?? ['text'] },
    }),
    ...(maxOutputTokens !== undefined && {
      top_provider: { context_length: contextLength ?? null, max_completion_tokens: maxOutputTokens },
    }),
    ...(model.supportedParameters !== undefined && { supported_parameters: model.supportedParameters }),
    ...raw,
    id,
    object: 'model',
    owned_by: id.split('/', 1)[0],
  };
}
