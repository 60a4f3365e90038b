import type { Clock } from '../core/clock.js';
import type { Prefill } from '../core/continuation.js';
import { ConfigError } from '../core/errors/classes.js';
import { reasonOf } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { toDollars } from '../core/money.js';
import { isDollars } from '../core/outside/numbers.js';
import { soundModel } from '../core/outside/sound-infos.js';
import type { EstimateCost } from '../core/ports.js';
import { costOf, pricesAt } from '../core/price.js';
import { noProvider } from '../core/provider-registry.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import type { LimitKey, Limits, Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import { cappedAt, tariffOf } from '../core/tariff.js';
import type { Tariff } from '../core/tariff.js';

type Report = (culprit: string, fault: string, error?: unknown) => void;

/**
 * Builds the registry of a pipeline's providers.
 * @param report logs what a provider throws where its generation goes on
 * @throws ConfigError without a provider, and for two with one id
 */
export function providerRegistry(providers: readonly Provider[], report: Report = () => undefined): ProviderRegistry {
  const ids = providers.map(({ id }) => id);
  const firstId = checkedFirst(ids);
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  const find = (id: string): Provider | undefined => byId.get(id);
  const knownModel: ProviderRegistry['knownModel'] = (id, model) => {
    try {
      const known = find(id)?.catalogue?.known?.(model);
      return known && soundModel(known);
    } catch {
      return undefined;
    }
  };
  return {
    ids,
    firstId,
    find,
    get: (id) => {
      const provider = find(id);
      if (provider === undefined) throw new GenerationError('invalid-input', noProvider(id, ids));
      return provider;
    },
    knownModel,
    tariffOf: (request) => tariffIn(find(request.provider), request, knownModel),
    prefillOf: (request) => prefillIn(find(request.provider), request, report),
    limitKeysOf: (request) => limitKeysIn(find(request.provider), request),
    credentialsOf: (id) => find(id)?.credentials ?? NO_CREDENTIALS,
  };
}

const NO_CREDENTIALS: readonly string[] = [];

function prefillIn(provider: Provider | undefined, request: GenerationRequest, report: Report): Prefill {
  try {
    const prefill: unknown = provider?.capabilities?.(request).prefill;
    return isPrefill(prefill) ? prefill : 'none';
  } catch (error) {
    report(`The provider "${request.provider}"`, 'threw in capabilities()', error);
    return 'none';
  }
}

/** @throws GenerationError `internal` if the provider throws: without its limits, the request could break one */
function limitKeysIn(provider: Provider | undefined, request: GenerationRequest): readonly LimitKey[] {
  try {
    return provider?.limitKeys?.(request).map(soundKey) ?? [{ key: request.provider, limits: {} }];
  } catch (error) {
    const { provider: id } = request;
    const details = { provider: id, cause: error };
    throw new GenerationError('internal', `The provider "${id}" threw in limitKeys(): ${reasonOf(error)}`, details);
  }
}

function isPrefill(value: unknown): value is Prefill {
  return value === 'exact' || value === 'instructed' || value === 'none';
}

/** A limit that cannot be true counts as not given. */
function soundKey(key: LimitKey): LimitKey {
  const given = Object.entries(key.limits) as [keyof Limits, unknown][];
  const sound = given.filter(([, limit]) => typeof limit === 'number' && limit >= 0 && limit < Infinity);
  return sound.length === given.length ? key : { ...key, limits: Object.fromEntries(sound) };
}

function tariffIn(
  provider: Provider | undefined,
  request: GenerationRequest,
  knownModel: ProviderRegistry['knownModel'],
): Tariff {
  try {
    return tariffOf(request, provider?.billing?.(request) ?? {}, (model) => knownModel(request.provider, model));
  } catch {
    const outputTokens = cappedAt(request.maxTokens);
    return { prices: undefined, outputTokens, contextLength: undefined, feeShare: 0 };
  }
}

/** Estimates the cost of usage from the known price of the model that the request or its options name. */
export function estimateByPrice(known: ProviderRegistry['knownModel'], clock: Clock): EstimateCost {
  return ({ provider, model, providerOptions }, usage) => {
    const sent = providerOptions[provider]?.model;
    const price = known(provider, typeof sent === 'string' ? sent : model)?.price;
    if (price === undefined) return undefined;
    const cost = toDollars(costOf(pricesAt(price, { promptTokens: usage.inputTokens, now: clock.now() }), usage));
    return isDollars(cost) ? cost : undefined;
  };
}

function checkedFirst(ids: readonly string[]): string {
  const [first] = ids;
  if (first === undefined)
    throw new ConfigError(
      'The pipeline has no provider. Pass a plugin that adds one: createPipeline({ plugins: [...] }).',
    );
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  if (duplicate !== undefined)
    throw new ConfigError(`Two providers have the id "${duplicate}". Give one of their plugins another id.`);
  return first;
}
