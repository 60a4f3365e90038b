import type { PipelineOptions } from 'scriptorium';

/** Where settings come from: the configuration files, and above them the environment. */
export type Settings = Pick<PipelineOptions, 'configFiles' | 'environment'>;

/**
 * A value of the configuration as the strongest layer has it, unchecked: some values must be known before the plugins, and so
 * the whole schema, are.
 * @param path such as `plugins.redis.url`
 */
export function settingOf({ configFiles = [], environment = {} }: Settings, path: string): unknown {
  const names = path.split('.');
  const inFiles = configFiles.map(({ values }) => names.reduce<unknown>(memberOf, values));
  return textOf(environment[variableOf(path)]) ?? inFiles.findLast((value) => value !== undefined);
}

/** The same, if it is a text that is not empty. */
export function textSetting(settings: Settings, path: string): string | undefined {
  return textOf(settingOf(settings, path));
}

/** The key `load`. */
export function namesToLoad(settings: Settings): readonly unknown[] {
  const load = settingOf(settings, 'load');
  if (typeof load === 'string') return load.split(',').map((name) => name.trim());
  return Array.isArray(load) ? load : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `plugins.lm-studio.apiKey` is `SCRIPTORIUM_PLUGINS_LM_STUDIO_API_KEY`. */
function variableOf(path: string): string {
  const words = path.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[.-]/g, '_');
  return `SCRIPTORIUM_${words.toUpperCase()}`;
}
