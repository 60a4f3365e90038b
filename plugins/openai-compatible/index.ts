import {
  baseUrl,
  definePlugin,
  flag,
  headerValue,
  modelName,
  oneOf,
  record,
  secret,
  secrets,
} from 'scriptorium/plugin';
import type { Logger, Plugin } from 'scriptorium/plugin';
import { accountName, byCredential, httpProvider, onceEach, THOUGHTS_IN_TEXT } from 'scriptorium/provider';
import type { ByCredential, Codec, PrefillTable, ThoughtsTable } from 'scriptorium/provider';
import { classifyAnswer, remediesOf } from './classify.js';
import { billingOf, encodeChat, prefillOf } from './encode.js';
import { fetchModels } from './models.js';
import type { Preset } from './preset.js';
import { baseUrlVariableOf } from './preset-servers.js';
import { PRESET_NAMES, PRESETS } from './presets.js';
import type { PresetName } from './presets.js';
import { readerFor } from './reader.js';
import { serverOf } from './server.js';
import type { Server } from './server.js';

export { PRESET_SERVERS } from './preset-servers.js';
export type { PresetServer } from './preset-servers.js';
export type { PresetName } from './presets.js';

export interface OpenAiCompatibleOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. By default the preset, or `openai-compatible`. */
  readonly id?: string | undefined;
  readonly preset?: PresetName | undefined;
  readonly baseUrl?: string | undefined;
  /** The model of a request that names none, unless `defaults.model` is set. */
  readonly model?: string | undefined;
  /** May be left out for servers that want none. */
  readonly apiKey?: string | undefined;
  /** Several keys, beside `apiKey` or in place of it. Each has limits of its own. */
  readonly keys?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly prefill?: PrefillTable | undefined;
  readonly endsByTerminator?: boolean | undefined;
  readonly thoughts?: ThoughtsTable | undefined;
}

const REQUEST_CONFIG = {
  model: { doc: 'Model of a request that names none, unless defaults.model is set', format: modelName, default: null },
  headers: {
    doc: 'Further headers of every request, such as an organisation; not for keys',
    format: record(headerValue, 'names'),
    default: null,
  },
  endsByTerminator: {
    doc: 'Whether [DONE] alone makes an answer whole; only for a server that names no finish reason; null as the preset says',
    format: flag,
    default: null,
  },
  prefill: {
    doc: 'How models continue a given text, by name or pattern (*)',
    format: record(oneOf('exact', 'instructed', 'none'), 'models or patterns'),
    default: null,
  },
  thoughts: {
    doc: 'Where thoughts stand in the text of models, by name or pattern (*): between tags at its head (as for all models by default), also without the first tag (opened), or nowhere',
    format: record(oneOf(...THOUGHTS_IN_TEXT), 'models or patterns'),
    default: null,
  },
} as const;

/**
 * Adds a server that speaks chat completions as a provider: OpenAI, Groq, Mistral, a server on this machine … Several
 * instances stand side by side, each with its id, key and limits. The instance that bears its preset's name takes its key and its
 * address from that server's usual variables (`GROQ_API_KEY`, `GROQ_BASE_URL`).
 */
export const openaiCompatible = (options: OpenAiCompatibleOptions = {}): Plugin => {
  const { preset: made, id: given, ...rest } = options;
  const name = made ?? 'openai-compatible';
  const id = given ?? name;
  return definePlugin({
    name,
    id,
    apiVersion: 1,
    config: {
      preset: { doc: 'Which server it is', format: oneOf(...PRESET_NAMES), default: made ?? 'generic' },
      baseUrl: {
        doc: 'Where the API is, if not where the preset has it',
        format: baseUrl(),
        default: null,
        ...addressVariable(made),
      },
      ...keyConfig(variableOf(made)),
      ...REQUEST_CONFIG,
    },
    options: rest,
    setup: (host) => {
      const remedies = remediesOf(id, (key) => host.sourceOf(key));
      const server: Server = { ...serverOf(id, made, host.config), remedies };
      const servers = byCredential(host.config, (apiKey) => ({
        server: { ...server, apiKey },
        account: accountName({ ...server, apiKey }),
      }));
      host.addProvider({
        ...httpProvider(codecOf(servers, host.logger)),
        ...(servers.all.length > 1 && { credentials: servers.names }),
        ...(host.config.model !== null && { defaultModel: host.config.model }),
        catalogue: { models: (connection) => fetchModels(servers.all[0].server, connection) },
      });
    },
  });
};

function addressVariable(made: PresetName | undefined): { readonly environment?: readonly string[] } {
  const variable = made === undefined ? undefined : baseUrlVariableOf(made);
  return variable === undefined ? {} : { environment: [variable] };
}

function keyConfig(variable: string | undefined) {
  return {
    apiKey: {
      doc: 'The key; servers on your own machine need none',
      format: secret(),
      default: null,
      ...(variable !== undefined && { requiredUnless: 'keys', environment: [variable] }),
    },
    keys: {
      doc: 'Several keys, beside apiKey or in place of it; each attempt uses the one with room',
      format: secrets(),
      default: null,
      ...(variable !== undefined && { environment: [`${variable}S`] }),
    },
  } as const;
}

function variableOf(name: PresetName | undefined): string | undefined {
  const preset: Preset | undefined = name === undefined ? undefined : PRESETS[name];
  return preset?.keyVariable;
}

/** A server with one of its keys, and the name of the account behind it. */
interface KeyedServer {
  readonly server: Server;
  readonly account: string;
}

function codecOf(servers: ByCredential<KeyedServer>, logger: Logger): Codec {
  const tell = onceEach((sentence) => logger.warn(sentence));
  const [{ server }] = servers.all;
  return {
    id: server.id,
    terminator: '[DONE]',
    encode: (request) => encodeChat(request, servers.of(request).server, tell),
    reader: readerFor(server),
    capabilities: (request) => ({ prefill: prefillOf(request, server) }),
    billing: (request) => billingOf(request, server),
    classify: (answer) => classifyAnswer(answer, server),
    limitKeys: (request) => [{ key: servers.of(request).account, limits: {} }],
  };
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/openai-compatible"]`. */
export default openaiCompatible;
