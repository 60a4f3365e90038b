import { baseUrl, definePlugin, headerValue, modelName, oneOf, record, secret, secrets } from 'scriptorium/plugin';
import type { Logger, Plugin } from 'scriptorium/plugin';
import { accountName, asText, byCredential, ChatReader, httpProvider, onceEach } from 'scriptorium/provider';
import type { ByCredential, Codec, Connection, LimitKey, PrefillTable } from 'scriptorium/provider';
import { fetchAccount, fetchCredits } from './account.js';
import { Catalogue } from './catalogue.js';
import { billingOf } from './billing.js';
import { classifyAnswer, errorFromEnvelope } from './classify.js';
import { costIn } from './cost.js';
import { encodeChat } from './encode.js';
import type { Endpoint } from './encode.js';
import { prefillOf } from './prefill.js';
import { fetchGeneration } from './generation.js';
import { remediesOf } from './remedies.js';

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
  /** Several keys, beside `apiKey` or in place of it. Each has limits of its own. */
  readonly keys?: readonly string[] | undefined;
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
    format: modelName,
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
        ...(!isKeyOptional && { requiredUnless: 'keys' }),
        environment: ['OPENROUTER_API_KEY'],
      },
      keys: {
        doc: 'Several keys, beside apiKey or in place of it; each attempt uses the one with room',
        format: secrets(),
        default: null,
        environment: ['OPENROUTER_API_KEYS'],
      },
      ...CONFIG,
    },
    options,
    environment: ENVIRONMENT,
    setup: (host) => {
      const remedies = remediesOf(id, (key) => host.sourceOf(key));
      const accounts = byCredential(host.config, (apiKey) => accountOf({ id, ...host.config, apiKey, remedies }));
      const [{ endpoint }] = accounts.all;
      host.addProvider({
        ...httpProvider(openRouterCodec(accounts, host.logger)),
        ...(accounts.all.length > 1 && { credentials: accounts.names }),
        defaultModel: host.config.model,
        catalogue: new Catalogue(endpoint),
        account: {
          key: (connection) => fetchAccount(endpoint, connection),
          credits: (connection) => fetchCredits(endpoint, connection),
          lookup: (responseId, connection) => lookUp(accounts.all, responseId, connection),
        },
      });
    },
  });

/** An account at OpenRouter: its endpoint, and the limits that its requests share. */
interface OpenRouterAccount {
  readonly endpoint: Endpoint;
  readonly limitKey: (model: string) => LimitKey;
}

function accountOf(endpoint: Endpoint): OpenRouterAccount {
  return { endpoint, limitKey: limitKeyOf(endpoint) };
}

/** An answer is in the books of the account whose key was used. */
async function lookUp(accounts: readonly OpenRouterAccount[], responseId: string, connection: Connection) {
  for (const { endpoint } of accounts) {
    const found = await fetchGeneration(endpoint, responseId, connection);
    if (found !== undefined) return found;
  }
  return undefined;
}

function openRouterCodec(accounts: ByCredential<OpenRouterAccount>, logger: Logger): Codec {
  const tell = onceEach((sentence) => logger.warn(sentence));
  const [{ endpoint }] = accounts.all;
  return {
    id: endpoint.id,
    terminator: '[DONE]',
    encode: (request) => encodeChat(request, accounts.of(request).endpoint, tell),
    reader: ({ model, continuation }, { headers, attempt, now }) =>
      new ChatReader({
        provider: endpoint.id,
        model,
        attempt,
        mayBeEmpty: continuation !== undefined,
        namesModel: true,
        responseId: asText(headers.get('x-generation-id')),
        costIn,
        failure: (error, type) => errorFromEnvelope(error, { headers, now, type, remedies: endpoint.remedies }),
      }),
    capabilities: (request) => ({ prefill: prefillOf(request, endpoint) }),
    billing: (request) => billingOf(request, endpoint.id),
    classify: (answer) => classifyAnswer(answer, endpoint.remedies),
    limitKeys: (request) => [accounts.of(request).limitKey(request.model)],
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
