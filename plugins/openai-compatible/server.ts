import { ConfigError } from 'scriptorium';
import type { Account, PrefillTable, Remedies, Secret } from 'scriptorium/provider';
import type { Preset } from './preset.js';
import { PRESETS } from './presets.js';
import type { PresetName } from './presets.js';

/** One configured server. */
export interface Server extends Account {
  readonly headers: Readonly<Record<string, string>>;
  /** The user's own table. */
  readonly prefill: PrefillTable | null;
  /** Whether `[DONE]` alone makes an answer whole; `null` as the preset says. */
  readonly endsByTerminator: boolean | null;
  readonly preset: Preset;
  /** What to do about its failures. */
  readonly remedies: Remedies;
}

/** The configuration of an instance, as it is read. */
export interface ServerConfig extends Pick<Server, 'apiKey' | 'prefill' | 'endsByTerminator'> {
  readonly keys: readonly Secret[] | null;
  readonly preset: PresetName;
  readonly baseUrl: string | null;
  readonly headers: Readonly<Record<string, string>> | null;
}

/**
 * The server that a configuration describes.
 * @param made the preset that the plugin's factory was called with, whose variable may have brought the key
 * @throws ConfigError where the parts do not fit each other
 */
export function serverOf(id: string, made: PresetName | undefined, config: ServerConfig): Omit<Server, 'remedies'> {
  const preset: Preset = PRESETS[config.preset];
  const baseUrl = config.baseUrl ?? preset.baseUrl;
  const headers = config.headers ?? {};
  const problem = problemOf(id, made, config) ?? problemOfHeaders(headers);
  if (problem !== undefined) throw new ConfigError(problem);
  if (baseUrl === null)
    throw new ConfigError(
      `plugins.${id}.baseUrl is required for the preset "${config.preset}": where the API is, such as http://127.0.0.1:8080/v1.`,
    );
  const { apiKey, prefill, endsByTerminator } = config;
  return { id, baseUrl, apiKey, headers, prefill, endsByTerminator, preset };
}

function problemOf(
  id: string,
  made: PresetName | undefined,
  { preset, apiKey, keys }: ServerConfig,
): string | undefined {
  if (made !== undefined && preset !== made) {
    return `plugins.${id}.preset is "${preset}", but the plugin was made for "${made}", whose key it may hold: make it by openaiCompatible({ preset: "${preset}" }).`;
  }
  const { keyVariable }: Preset = PRESETS[preset];
  return keyVariable !== undefined && apiKey === null && keys === null
    ? `plugins.${id}.apiKey is required for the preset "${preset}".`
    : undefined;
}

function problemOfHeaders(headers: Readonly<Record<string, string>>): string | undefined {
  const wrong = Object.keys(headers).find(
    (name) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || OTHERS.has(name.toLowerCase()),
  );
  return wrong === undefined
    ? undefined
    : `headers: "${wrong}" cannot be set; the key is apiKey's, and what belongs to the connection is the transport's.`;
}

const OTHERS: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
