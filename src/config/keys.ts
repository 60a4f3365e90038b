import { BASE_SCHEMA, TOP_SCHEMA } from './base-schema.js';
import { formatOf, isEntry } from './fragment.js';
import type { Entry, Fragment, Section } from './fragment.js';
import type { Format } from './formats.js';

/** One configuration key with its full path. */
export interface Key {
  /** `retry.maxAttempts`, `plugins.openrouter.apiKey`. */
  readonly path: string;
  readonly entry: Entry;
  readonly format: Format<unknown>;
  /** The variables that set it, the later ones winning. */
  readonly variables: readonly { readonly name: string; readonly scale?: number }[];
}

/** A plugin's part of the configuration. */
export interface PluginSection {
  readonly name: string;
  readonly id: string;
  readonly fragment: Fragment;
  /** The options of the plugin's factory. They are stronger than files and the environment. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The configuration names the plugin in `load`. Its options are then weaker than files. */
  readonly isLoaded?: boolean;
}

/** All keys there are: the base's and the plugins'. */
export function allKeys(plugins: readonly PluginSection[]): readonly Key[] {
  const base = Object.entries(BASE_SCHEMA).flatMap(([section, fragment]) => keysOf(`${section}.`, fragment, true));
  return [
    ...keysOf('', TOP_SCHEMA, true),
    ...base,
    ...plugins.flatMap(({ name, id, fragment }) => keysOf(`plugins.${id}.`, fragment, id === name)),
  ];
}

/** The names a plugin declares belong to its first instance only, the one that bears its own name. */
function keysOf(prefix: string, section: Section, ownsNames: boolean): readonly Key[] {
  return Object.entries(section).flatMap(([name, entry]) => {
    const path = prefix + name;
    if (!isEntry(entry)) return keysOf(`${path}.`, entry, ownsNames);
    const declared = ownsNames
      ? (entry.environment ?? []).map((variable) => (typeof variable === 'string' ? { name: variable } : variable))
      : [];
    return { path, entry, format: formatOf(entry), variables: [...declared, { name: variableName(path) }] };
  });
}

/** `rateLimit.minIntervalMs` is `SCRIPTORIUM_RATE_LIMIT_MIN_INTERVAL_MS`. */
export function variableName(path: string): string {
  return `SCRIPTORIUM_${path
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[.-]/g, '_')
    .toUpperCase()}`;
}
