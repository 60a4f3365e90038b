import { GenerationError } from 'scriptorium';
import type { ModelInfo, Pipeline } from 'scriptorium';
import { asSentence } from './report-error.js';

/** A model of a provider; undefined for the pipeline's default provider. */
export interface ModelAt {
  readonly provider?: string | undefined;
  readonly model: string;
}

const MOST_NAMED = 5;

/**
 * Sentences about a model that the provider's catalogue does not list, with models that it does list: free ones, if there are
 * any. Undefined where the model is listed, or the catalogue cannot be asked.
 */
export async function adviceOn(
  { provider, model }: ModelAt,
  pipeline: Pick<Pipeline, 'models'>,
): Promise<string | undefined> {
  const models = await pipeline.models({ provider }).catch(() => []);
  const [first] = models;
  if (first === undefined || first.source === 'snapshot' || models.some(({ id }) => isNameOf(model, id)))
    return undefined;
  return `The catalogue of ${provider ?? 'the provider'} does not list "${model}". ${suggestion(models)} Choose one with --model.`;
}

/** Adds advice to the error of a request that has been refused for its model. */
export async function advised(error: unknown, pipeline: Pick<Pipeline, 'models'>): Promise<unknown> {
  if (!GenerationError.is(error)) return error;
  const advice = NO_MODEL.test(error.message) ? 'On the command line: --model.' : await adviceAbout(error, pipeline);
  if (advice === undefined) return error;
  return Object.defineProperty(error, 'message', { value: `${asSentence(error.message)} ${advice}` });
}

/** The pipeline's refusal of a request without a model. */
const NO_MODEL = /^The generation names no model/;

async function adviceAbout({ code, provider, model }: GenerationError, pipeline: Pick<Pipeline, 'models'>) {
  if ((code !== 'not-found' && code !== 'bad-request') || model === undefined) return undefined;
  return adviceOn({ provider, model }, pipeline);
}

/** `:free` is a model of its own; other suffixes (`:nitro`, `:online`) choose how one is served. Some catalogues list names with a tag or a date. */
function isNameOf(model: string, id: string): boolean {
  const base = model.replace(/:(?!free$)[\w-]+$/, '');
  return id === model || id === base || id === `${model}:latest` || id.startsWith(`${model}-`);
}

function suggestion(models: readonly ModelInfo[]): string {
  const free = models.filter(({ isFree }) => isFree === true);
  const byContext = (free.length > 0 ? free : models).toSorted(
    (a, b) => (b.contextLength ?? 0) - (a.contextLength ?? 0),
  );
  const names = byContext.slice(0, MOST_NAMED).map(({ id }) => id);
  return `${free.length > 0 ? 'Free models that it lists' : 'It lists'}: ${names.join(', ')}.`;
}
