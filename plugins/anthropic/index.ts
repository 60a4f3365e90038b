import { baseUrl, definePlugin, headerValue, list, modelName, oneOf, record, secret } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { accountName, asText, httpProvider, onceEach } from 'scriptorium/provider';
import type { Codec, PrefillTable } from 'scriptorium/provider';
import { classifyAnswer, errorFrom, remediesOf } from './classify.js';
import { billingOf, encodeMessages, sentModel } from './encode.js';
import type { Endpoint } from './endpoint.js';
import { fetchModels } from './models.js';
import { prefillOf } from './prefill.js';
import { knownModel, priceFormat, priceOf } from './price.js';
import type { PriceTable } from './price.js';
import { MessageReader } from './read-answer.js';

export type {
  AnthropicCacheControl,
  AnthropicMessageOptions,
  AnthropicThinking,
  AnthropicToolChoice,
} from './options.js';
export type { AnthropicPrice, PriceTable } from './price.js';

export interface AnthropicOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** The model of a request that names none, unless `defaults.model` is set. */
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly beta?: readonly string[] | undefined;
  readonly prefill?: PrefillTable | undefined;
  readonly prices?: PriceTable | undefined;
}

const CONFIG = {
  apiKey: {
    doc: 'Anthropic API key',
    format: secret(),
    default: null,
    required: true,
    environment: ['ANTHROPIC_API_KEY'],
  },
  baseUrl: {
    doc: 'Where the API is, without /v1',
    format: baseUrl(),
    default: 'https://api.anthropic.com',
    environment: ['ANTHROPIC_BASE_URL'],
  },
  model: { doc: 'Model of a request that names none, unless defaults.model is set', format: modelName, default: null },
  version: { doc: 'Version of the API, sent as anthropic-version', format: headerValue, default: '2023-06-01' },
  beta: { doc: 'Features to ask for, sent as anthropic-beta', format: list, default: [] },
  prefill: {
    doc: 'How models continue a given text, by name or pattern (*)',
    format: record(oneOf('exact', 'instructed', 'none'), 'models or patterns'),
    default: null,
  },
  prices: {
    doc: 'What models cost, by name or pattern (*)',
    format: record(priceFormat, 'models or patterns'),
    default: null,
  },
} as const;

/** Adds Anthropic's Messages API (https://platform.claude.com) as a provider. */
export const anthropic = ({ id = 'anthropic', ...options }: AnthropicOptions = {}): Plugin =>
  definePlugin({
    name: 'anthropic',
    id,
    apiVersion: 1,
    config: CONFIG,
    options,
    setup: (host) => {
      const remedies = remediesOf(id, (key) => host.sourceOf(key));
      const endpoint: Endpoint = { id, ...host.config, remedies };
      host.addProvider({
        ...httpProvider(
          messagesCodec(
            endpoint,
            onceEach((sentence) => host.logger.warn(sentence)),
          ),
        ),
        ...(host.config.model !== null && { defaultModel: host.config.model }),
        catalogue: {
          models: (connection) => fetchModels(endpoint, connection),
          known: (model) => knownModel(model, endpoint.prices),
        },
      });
    },
  });

function messagesCodec(endpoint: Endpoint, tell: (sentence: string) => void): Codec {
  const account = accountName(endpoint);
  return {
    id: endpoint.id,
    // Not the API's own, but proxies add it.
    terminator: '[DONE]',
    encode: (request) => encodeMessages(request, endpoint, tell),
    reader: (request, { headers, attempt, now }) =>
      new MessageReader({
        provider: endpoint.id,
        model: request.model,
        attempt,
        mayBeEmpty: request.continuation !== undefined,
        price: priceOf(sentModel(request, endpoint.id), endpoint.prices),
        requestId: asText(headers.get('request-id')),
        failure: (error, requestId) => errorFrom(error, { headers, now, requestId, remedies: endpoint.remedies }),
      }),
    capabilities: (request) => ({ prefill: prefillOf(request, endpoint) }),
    billing: (request) => billingOf(request, endpoint.id),
    classify: (answer) => classifyAnswer(answer, endpoint.remedies),
    limitKeys: () => [{ key: account, limits: {} }],
  };
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/anthropic"]`. */
export default anthropic;
