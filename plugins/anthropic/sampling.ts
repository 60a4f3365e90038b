import type { GenerationRequest, Json, Sampling } from 'scriptorium/provider';
import { claudeVersion, ONE_SAMPLER, OWN_SAMPLING } from './claude.js';
import { refused } from './refuse.js';

/** What goes into a body, and what of the request does not, a reason for each. */
export interface Fields {
  readonly fields: Json;
  readonly leftOut: readonly string[];
}

/** What the protocol has no field for. */
const FOREIGN = [
  'minP',
  'topA',
  'frequencyPenalty',
  'presencePenalty',
  'repetitionPenalty',
  'seed',
] as const satisfies readonly (keyof Sampling)[];
/** The least top-p beside which a model thinks; newer models take none below `DEFAULT_TOP_P`. */
const THINKING_TOP_P = 0.95;
const DEFAULT_TOP_P = 0.99;

/**
 * How the model is to choose its words. Every Claude refuses some of these settings, and the newer ones all of them, while a
 * pipeline has defaults for all models: so what this model would refuse is left out, and named. A temperature beyond 1,
 * which no Claude takes, is refused.
 * @param thinks whether the model is asked to think, which it does at its own temperature only
 * @throws GenerationError `bad-request`
 */
export function samplingOf(request: GenerationRequest, thinks: boolean): Fields {
  const { model, temperature, topP, topK } = request;
  const version = claudeVersion(model);
  const foreign = FOREIGN.filter((field) => request[field] !== undefined).map(
    (field) => `${field} (the Messages API has no such field)`,
  );
  if (version === undefined) return { fields: { temperature, top_p: topP, top_k: topK }, leftOut: foreign };
  if (temperature !== undefined && temperature > 1)
    throw refused(`temperature is ${temperature}, but Anthropic takes 0 to 1.`);
  if (version >= OWN_SAMPLING) return withoutSampling(request, foreign);
  const isFixed = thinks ? ' (not taken from a model that thinks)' : undefined;
  const whyNoTopP = thinks
    ? (topP ?? 1) < THINKING_TOP_P && ` (at least ${THINKING_TOP_P} for a model that thinks)`
    : version >= ONE_SAMPLER &&
      temperature !== undefined &&
      ' (refused beside a temperature; set temperature to null to send topP instead)';
  const leftOut = [
    ...(isFixed !== undefined && temperature !== undefined && temperature !== 1 ? [`temperature${isFixed}`] : []),
    ...(isFixed !== undefined && topK !== undefined ? [`topK${isFixed}`] : []),
    ...(topP !== undefined && whyNoTopP !== false ? [`topP${whyNoTopP}`] : []),
  ];
  return {
    fields: { ...(!thinks && { temperature, top_k: topK }), ...(whyNoTopP === false && { top_p: topP }) },
    leftOut: [...leftOut, ...foreign],
  };
}

function withoutSampling({ temperature = 1, topP = 1, topK }: Sampling, foreign: readonly string[]): Fields {
  const why = ' (the model refuses it)';
  const leftOut = [
    ...(temperature === 1 ? [] : [`temperature${why}`]),
    ...(topP >= DEFAULT_TOP_P ? [] : [`topP${why}`]),
    ...(topK === undefined ? [] : [`topK${why}`]),
  ];
  return { fields: {}, leftOut: [...leftOut, ...foreign] };
}
