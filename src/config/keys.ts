import { BASE_SCHEMA, TOP_SCHEMA } from './base-schema.js';
import { formatOf, isEntry } from './fragment.js';
import type { Entry, Fragment, Section } from './fragment.js';
import type { Format } from './formats.js';

/** One configuration key with its full path. */
export interface Key {
  /** `retry.maxAttempts`, `plugins.quill.apiKey`. */
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
  readonly variables?: BaseVariables | undefined;
}

/**
 * Further variables for keys of the base: the path of the key by the name of the variable. A number in the variable may
 * be of another unit: it is multiplied by `scale`.
 */
export type BaseVariables = Readonly<Record<string, string | { readonly key: string; readonly scale: number }>>;

/** All keys there are: the base's and the plugins'. */
export function allKeys(plugins: readonly PluginSection[]): readonly Key[] {
  const further = plugins.filter(ownsNames).flatMap(({ variables = {} }) => Object.entries(variables));
  return [
    ...baseKeys().map((key) => ({ ...key, variables: [...variablesFor(key.path, further), ...key.variables] })),
    ...plugins.flatMap((plugin) => keysOf(`plugins.${plugin.id}.`, plugin.fragment, ownsNames(plugin))),
  ];
}

/** The keys of the base. */
export function baseKeys(): readonly Key[] {
  const sections = Object.entries(BASE_SCHEMA);
  return [
    ...keysOf('', TOP_SCHEMA, true),
    ...sections.flatMap(([section, fragment]) => keysOf(`${section}.`, fragment, true)),
  ];
}

/** The names that a plugin declares belong to one instance, which has the plugin's own name for its id. */
function ownsNames({ name, id }: PluginSection): boolean {
  return id === name;
}

function variablesFor(path: string, further: readonly (readonly [string, BaseVariables[string]])[]): Key['variables'] {
  return further.flatMap(([name, target]) => {
    if (typeof target === 'string') return target === path ? [{ name }] : [];
    return target.key === path ? [{ name, scale: target.scale }] : [];
  });
}

/** @param hasNames whether the names that the section declares set these keys */
function keysOf(prefix: string, section: Section, hasNames: boolean): readonly Key[] {
  return Object.entries(section).flatMap(([name, entry]) => {
    const path = prefix + name;
    if (!isEntry(entry)) return keysOf(`${path}.`, entry, hasNames);
    const declared = hasNames
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
