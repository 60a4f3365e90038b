import { GenerationError } from 'scriptorium';
import type { GenerationInput, Routes } from 'scriptorium/plugin';
import type { Asked } from '../access.js';
import type { Policy } from '../policy.js';
import { isAllowed, namedModels } from './models.js';
import { labelsIn, refuseUnknownHeaders, routesIn, wholeIn, wordIn, wrongHeader } from './read-headers.js';

type Overrides = NonNullable<GenerationInput['overrides']>;

/**
 * The input of a request after its policy and its headers.
 * @throws GenerationError `permission` for a model that is not allowed, `invalid-input` for a header that would widen
 */
export function applyPolicy(input: GenerationInput, policy: Policy, asked: Asked): GenerationInput {
  const { headers, inUrl } = asked;
  refuseUnknownHeaders(headers);
  const { policy: _chosen, ...urlLabels } = inUrl;
  const model = modelOf(input, policy);
  const deadlineMs = atMost(wholeIn(headers, 'x-scriptorium-deadline-ms', 1), policy.deadlineMs, {
    header: 'x-scriptorium-deadline-ms',
    unit: ' ms',
  });
  const capped = capOf(input, policy);
  return {
    ...input,
    ...(model !== undefined && { model }),
    ...(capped.maxTokens !== undefined && { maxTokens: capped.maxTokens }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    labels: withoutKeys({ ...input.labels, ...labelsOf(policy, { ...urlLabels, ...labelsIn(headers) }) }),
    overrides: {
      ...input.overrides,
      ...routesOf(input, policy, asked),
      ...continuityOf(input, policy, { asked, isCeiling: capped.isCeiling }),
      ...cacheOf(input, asked),
      ...waitsOf(input, policy),
      ...budgetOf(input, policy),
    },
  };
}

/** A label may have a budget of its own, so that a request cannot replace those of its policy. */
function labelsOf({ labels = {} }: Policy, own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(own))
    if (Object.hasOwn(labels, name) && labels[name] !== value)
      throw new GenerationError(
        'invalid-input',
        `The request has the label ${name}=${JSON.stringify(value)}, but its policy sets ${name}=${JSON.stringify(labels[name])}. Leave the label out.`,
        { status: 400 },
      );
  return { ...own, ...labels };
}

/** Labels are in the log and on the page, where no key may be that a client has put into its base URL or title. */
function withoutKeys(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const masked = (text: string): string => text.replaceAll(/sk-scr-[\w-]{20,}/g, '[secret]');
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [masked(name), masked(value)]));
}

function modelOf({ model, providerOptions }: GenerationInput, policy: Policy): string | undefined {
  const { models } = policy;
  if (models !== undefined) refuseOtherModels(providerOptions);
  // A pipeline's own default may be a model that the policy does not allow.
  if (model === undefined)
    return models === undefined ? undefined : (namedModels(models)[0] ?? refuseModel('', models));
  return allowed(model, policy);
}

/** The model that a name stands for. @throws GenerationError `permission` */
function allowed(name: string, { aliases = {}, models }: Policy): string {
  const model = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
  // The one who writes a policy allows what an alias stands for.
  return model !== name || isAllowed(model, models) ? model : refuseModel(name, models ?? []);
}

function refuseModel(name: string, models: readonly string[]): never {
  const some = `${models.slice(0, 5).join(', ')}${models.length > 5 ? ', …' : ''}`;
  const problem = name === '' ? 'The request names no model' : `The model "${name}" is not allowed for this key`;
  throw new GenerationError('permission', `${problem}. Allowed: ${some === '' ? 'none' : some}.`, { status: 403 });
}

/** Fields with which a vendor takes another model than the request's own. */
const OTHER_MODELS = ['model', 'models', 'preset'];

function refuseOtherModels(options: GenerationInput['providerOptions']): void {
  for (const fields of Object.values(options ?? {}))
    for (const name of OTHER_MODELS)
      if (Object.hasOwn(fields, name))
        throw new GenerationError(
          'permission',
          `The field "${name}" could choose a model that is not allowed for this key. Leave it out.`,
          { status: 403 },
        );
}

/** A client's own routes are models that the policy allows. The policy's own routes need not be. */
function routesOf(
  { overrides }: GenerationInput,
  policy: Policy,
  { headers }: Asked,
): Pick<Overrides, 'routes' | 'routing'> {
  const own = routesIn(headers) ?? overrides?.routes;
  const routes = own === undefined ? policy.routes : allowedRoutes(own, policy);
  if (routes === undefined) return {};
  const isStrategy = typeof routes === 'string' && policy.models !== undefined;
  return {
    routes,
    ...(isStrategy && { routing: { ...overrides?.routing, models: namedModels(policy.models) } }),
  };
}

function allowedRoutes(routes: Routes, policy: Policy): Routes {
  if (typeof routes === 'string') return routes;
  return routes.map((route) => (route.model === undefined ? route : { ...route, model: allowed(route.model, policy) }));
}

/** A cap of the whole answer is not continued. */
function capOf({ maxTokens }: GenerationInput, { maxTokens: rule }: Policy) {
  if (maxTokens == null || rule === undefined) return { maxTokens, isCeiling: false };
  return { maxTokens: Math.max(1, Math.floor(maxTokens * rule.factor)), isCeiling: rule.means === 'ceiling' };
}

function continuityOf(
  { overrides }: GenerationInput,
  { continuity = {} }: Policy,
  { asked: { headers }, isCeiling }: { readonly asked: Asked; readonly isCeiling: boolean },
): Pick<Overrides, 'continuity'> {
  const wanted = wordIn(headers, 'x-scriptorium-continue', ['stop', 'continue']);
  if (wanted === 'continue' && continuity.onLength === 'stop')
    throw wrongHeader('x-scriptorium-continue', 'is "continue", but the policy of this key stops at the token cap');
  const [segments, words] = ['x-scriptorium-max-segments', 'x-scriptorium-target-words'];
  const maxSegments = atMost(wholeIn(headers, segments, 0), continuity.maxSegments, { header: segments });
  const mostWords = continuity.targetWords === 0 ? undefined : continuity.targetWords;
  const targetWords = atMost(wholeIn(headers, words, 1), mostWords, { header: words });
  const merged = {
    ...overrides?.continuity,
    ...continuity,
    ...(wanted !== undefined && { onLength: wanted }),
    ...(maxSegments !== undefined && { maxSegments }),
    ...(targetWords !== undefined && { targetWords }),
    ...(isCeiling && { onLength: 'stop' as const }),
  };
  return Object.keys(merged).length === 0 ? {} : { continuity: merged };
}

function cacheOf({ overrides }: GenerationInput, { headers }: Asked): Pick<Overrides, 'cache'> {
  const cache = wordIn(headers, 'x-scriptorium-cache', ['on', 'off']);
  if (cache === undefined) return {};
  // The usual temperature is not 0, so that a cache of exact answers alone would keep nothing.
  return { cache: { ...overrides?.cache, enabled: cache === 'on', ...(cache === 'on' && { sampled: true }) } };
}

/** A wait of 0 would mean none at all to the pipeline. */
function waitsOf({ overrides }: GenerationInput, { maxWaitMs }: Policy): Pick<Overrides, 'timeouts' | 'retry'> {
  if (maxWaitMs === undefined) return {};
  return {
    timeouts: { ...overrides?.timeouts, queueMs: Math.max(1, maxWaitMs) },
    retry: { ...overrides?.retry, maxRetryAfterMs: maxWaitMs },
  };
}

function budgetOf({ overrides }: GenerationInput, { budget }: Policy): Pick<Overrides, 'budget'> {
  const generationUsd = budget?.generationUsd;
  return generationUsd === undefined ? {} : { budget: { ...overrides?.budget, generationUsd } };
}

/** A header's number, or that of the policy. @throws GenerationError `invalid-input` if the header's is larger */
function atMost(
  value: number | undefined,
  most: number | undefined,
  { header, unit = '' }: { readonly header: string; readonly unit?: string },
): number | undefined {
  if (value !== undefined && most !== undefined && value > most)
    throw wrongHeader(header, `is ${value}, but the policy of this key allows at most ${most}${unit}`);
  return value ?? most;
}
