import { asCount, asList, asObject, asText } from 'scriptorium/provider';
import type { Json, ModelCapabilities, ModelInfo } from 'scriptorium/provider';
import { readPrice } from './read-price.js';

/** The models of a `GET /models`. An entry without an id is none; in all others what is wrong is left out. */
export function readModels({ data }: Json): readonly ModelInfo[] {
  return asList(data).flatMap((value) => {
    const model = asObject(value);
    const id = asText(model?.id);
    return model === undefined || id === undefined ? [] : [readModel(id, model)];
  });
}

function readModel(id: string, raw: Json): ModelInfo {
  const [top, architecture, price] = [asObject(raw.top_provider), asObject(raw.architecture), readPrice(raw.pricing)];
  const [canonicalSlug, name, expirationDate] = [raw.canonical_slug, raw.name, raw.expiration_date].map(asText);
  const contextLength = asCount(raw.context_length) ?? asCount(top?.context_length);
  const maxOutputTokens = asCount(top?.max_completion_tokens);
  const [inputModalities, outputModalities] = [
    texts(architecture?.input_modalities),
    texts(architecture?.output_modalities),
  ];
  const supportedParameters = texts(raw.supported_parameters);
  return {
    id,
    ...(canonicalSlug !== undefined && { canonicalSlug }),
    ...(name !== undefined && { name }),
    ...(contextLength !== undefined && { contextLength }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(price && {
      price,
      isFree: [price.prompt, price.completion, price.request ?? '0'].every((amount) => Number(amount) === 0),
    }),
    inputModalities,
    outputModalities,
    supportedParameters,
    capabilities: capabilitiesOf({
      inputModalities,
      outputModalities,
      supportedParameters,
      hasReasoning: asObject(raw.reasoning) !== undefined,
    }),
    ...(expirationDate !== undefined && { expirationDate }),
    raw,
  };
}

interface ListedModel extends Required<
  Pick<ModelInfo, 'inputModalities' | 'outputModalities' | 'supportedParameters'>
> {
  readonly hasReasoning: boolean;
}

function capabilitiesOf({
  inputModalities: takes,
  outputModalities: gives,
  supportedParameters: knows,
  hasReasoning,
}: ListedModel): ModelCapabilities {
  return {
    tools: knows.includes('tools'),
    structuredOutputs: knows.includes('structured_outputs'),
    reasoning:
      hasReasoning || ['reasoning', 'include_reasoning', 'reasoning_effort'].some((name) => knows.includes(name)),
    vision: takes.includes('image'),
    audio: takes.includes('audio') || gives.includes('audio'),
    files: takes.includes('file'),
  };
}

function texts(value: unknown): readonly string[] {
  return asList(value).flatMap((item) => asText(item) ?? []);
}
