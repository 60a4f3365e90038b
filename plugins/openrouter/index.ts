import { baseUrl, definePlugin, headerValue, oneOf, record, secret, text } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { accountName, asText, ChatReader, httpProvider } from 'scriptorium/provider';
import type { Codec, LimitKey, PrefillTable } from 'scriptorium/provider';
import { fetchAccount, fetchCredits } from './account.js';
import { Catalogue } from './catalogue.js';
import { billingOf } from './billing.js';
import { classifyAnswer, errorFromEnvelope } from './classify.js';
import { costIn } from './cost.js';
import { encodeChat } from './encode.js';
import type { Endpoint } from './encode.js';
import { prefillOf } from './prefill.js';
import { fetchGeneration } from './generation.js';

export type {
  OpenRouterCacheControl,
  OpenRouterChatOptions,
  OpenRouterPlugin,
  OpenRouterReasoning,
  OpenRouterRouting,
} from './options.js';

export interface OpenRouterOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Without a key the configuration is right as well. The catalogue can be asked for then; everything else will be refused by OpenRouter. */
  readonly isKeyOptional?: boolean | undefined;
  readonly baseUrl?: string | undefined;
  /** The model of a request that names none, unless `defaults.model` is set. */
  readonly model?: string | undefined;
  readonly siteUrl?: string | undefined;
  readonly siteTitle?: string | undefined;
  readonly prefill?: PrefillTable | undefined;
}

const CONFIG = {
  baseUrl: {
    doc: 'Where the API is',
    format: baseUrl(),
    default: 'https://openrouter.ai/api/v1',
    environment: ['OPENROUTER_BASE_URL'],
  },
  model: {
    doc: 'Model of a request that names none, unless defaults.model is set',
    format: text,
    default: 'qwen/qwen2.5-vl-72b-instruct:free',
    environment: ['OPENROUTER_MODEL'],
  },
  siteUrl: {
    doc: "Your application's address, sent as HTTP-Referer",
    format: headerValue,
    default: 'http://localhost',
    environment: ['SITE_URL'],
  },
  siteTitle: {
    doc: "Your application's name, sent as X-OpenRouter-Title and X-Title",
    format: headerValue,
    default: 'Scriptorium',
    environment: ['SITE_TITLE'],
  },
  prefill: {
    doc: 'How models continue a given text, by name or pattern (*)',
    format: record(oneOf('exact', 'instructed', 'none'), 'models or patterns'),
    default: null,
  },
} as const;

/** BookGen's names for keys of the base. */
const ENVIRONMENT = {
  OPENROUTER_MAX_TOKENS: 'defaults.maxTokens',
  OPENROUTER_TEMPERATURE: 'defaults.temperature',
  OPENROUTER_TOP_P: 'defaults.topP',
  OPENROUTER_TIMEOUT: { key: 'timeouts.attemptMs', scale: 1000 },
} as const;

/** Adds OpenRouter (https://openrouter.ai) as a provider. */
export const openrouter = ({ id = 'openrouter', isKeyOptional = false, ...options }: OpenRouterOptions = {}): Plugin =>
  definePlugin({
    name: 'openrouter',
    id,
    apiVersion: 1,
    config: {
      apiKey: {
        doc: 'OpenRouter API key',
        format: secret(),
        default: null,
        ...(!isKeyOptional && { required: true }),
        environment: ['OPENROUTER_API_KEY'],
      },
      ...CONFIG,
    },
    options,
    environment: ENVIRONMENT,
    setup: (host) => {
      const endpoint: Endpoint = { id, ...host.config };
      host.addProvider({
        ...httpProvider(openRouterCodec(endpoint)),
        defaultModel: host.config.model,
        catalogue: new Catalogue(endpoint),
        account: {
          key: (connection) => fetchAccount(endpoint, connection),
          credits: (connection) => fetchCredits(endpoint, connection),
          lookup: (responseId, connection) => fetchGeneration(endpoint, responseId, connection),
        },
      });
    },
  });

function openRouterCodec(endpoint: Endpoint): Codec {
  const limitKey = limitKeyOf(endpoint);
  return {
    id: endpoint.id,
    terminator: '[DONE]',
    encode: (request) => encodeChat(request, endpoint),
    reader: ({ model, continuation }, { headers, attempt, now }) =>
      new ChatReader({
        provider: endpoint.id,
        model,
        attempt,
        mayBeEmpty: continuation !== undefined,
        namesModel: true,
        responseId: asText(headers.get('x-generation-id')),
        costIn,
        failure: (error, type) => errorFromEnvelope(error, { headers, now, type }),
      }),
    capabilities: (request) => ({ prefill: prefillOf(request, endpoint) }),
    billing: (request) => billingOf(request, endpoint.id),
    classify: classifyAnswer,
    limitKeys: ({ model }) => [limitKey(model)],
  };
}

/** All free models of an account share one limit: 20 requests a minute. A second between them keeps bursts away. */
function limitKeyOf(endpoint: Endpoint): (model: string) => LimitKey {
  const account = accountName(endpoint);
  const free: LimitKey = {
    key: `${account}/free`,
    limits: { minIntervalMs: 1_000, requestsPerMinute: 20 },
    dayQuota: async (connection) => (await fetchAccount(endpoint, connection)).dailyRequests,
  };
  const paid: LimitKey = { key: account, limits: {} };
  return (model) => (model.endsWith(':free') ? free : paid);
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/openrouter"]`. */
export default openrouter;
