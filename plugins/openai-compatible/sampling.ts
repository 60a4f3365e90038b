import { fitsPattern, modelVersion } from 'scriptorium/provider';
import type { GenerationRequest, Json } from 'scriptorium/provider';
import type { Preset } from './preset.js';

/** Fields of the body to take out, and those of them that the user should hear of. */
export interface Refused {
  readonly fields: Json;
  readonly leftOut: readonly string[];
}

const ALL: Json = {
  temperature: undefined,
  top_p: undefined,
  frequency_penalty: undefined,
  presence_penalty: undefined,
};

/**
 * The sampling that a request's model refuses, wherever it is served. Of a temperature and a top-p beside each other, Claude
 * from 4.0 on gets the temperature alone; from 4.7 on it takes neither.
 */
export function refusedSampling({ model, temperature, topP }: GenerationRequest, preset: Preset): Refused {
  if (preset.withoutSampling?.some((pattern) => fitsPattern(model, pattern)) === true)
    return { fields: ALL, leftOut: [] };
  const version = modelVersion(model, 'claude');
  if (version === undefined || version < ONE_SAMPLER) return { fields: {}, leftOut: [] };
  if (version >= OWN_SAMPLING && version !== Infinity)
    return {
      fields: { temperature: undefined, top_p: undefined },
      leftOut: [
        ...(temperature === undefined ? [] : ['temperature (the model refuses it)']),
        ...(topP === undefined ? [] : ['topP (the model refuses it)']),
      ],
    };
  return temperature === undefined || topP === undefined
    ? { fields: {}, leftOut: [] }
    : { fields: { top_p: undefined }, leftOut: [BESIDE_TEMPERATURE] };
}

/** Versions of Claude. 4.0 takes both, but recommends one. */
const ONE_SAMPLER = 400;
const OWN_SAMPLING = 407;
const BESIDE_TEMPERATURE = 'topP (refused beside a temperature; set temperature to null to send topP instead)';
