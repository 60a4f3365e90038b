import convict from 'convict';
import { ConfigError } from '../core/errors/classes.js';
import { Secret } from '../core/secret.js';
import type { PipelineConfig } from './base-schema.js';
import type { Key, PluginSection } from './keys.js';
import { allKeys } from './keys.js';
import { isSection } from './is-section.js';
import { environmentSettings, optionSettings, settingsOf } from './layers.js';
import type { Setting } from './layers.js';
import { problemsIn } from './problems.js';

/** A source of configuration, as a nested object. */
export interface ConfigLayer {
  readonly source: string;
  readonly values: object;
}

export interface ConfigSources {
  readonly plugins: readonly PluginSection[];
  /** Configuration files, weakest first. They are weaker than the environment. */
  readonly files: readonly ConfigLayer[];
  readonly environment: NodeJS.ProcessEnv;
  /** The configuration that the program passes. It is stronger than the options of the plugins' factories. */
  readonly program: readonly ConfigLayer[];
}

export interface ResolvedConfig {
  readonly values: PipelineConfig;
  /** Where each value came from, by path; what is missing here is a default. */
  readonly sources: ReadonlyMap<string, string>;
  readonly secrets: readonly Secret[];
}

/**
 * Puts the layers over each other, later ones winning: defaults, files, environment, the options of plugin factories,
 * program. Strict: unknown keys, unknown `SCRIPTORIUM_…` variables and wrong values are all reported at once, each with
 * its path, value (never a secret's), source and remedy. Sections and variables of plugins that are not loaded are
 * tolerated.
 * @throws ConfigError, which lists the problems
 */
export function resolveConfig(from: ConfigSources): ResolvedConfig {
  const { keys, winners, problems } = examine(from);
  if (problems.length > 0)
    throw new ConfigError(
      `The configuration is not right:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
      { problems },
    );

  const values = hold(keys, winners);
  return {
    values,
    sources: new Map([...winners.values()].map(({ path, source }) => [path, source])),
    secrets: Object.values(values.plugins).flatMap((section) =>
      Object.values(section)
        .flat()
        .filter((value) => value instanceof Secret),
    ),
  };
}

/** The configuration as it was found. */
export interface Examination {
  readonly keys: readonly Key[];
  /** The strongest setting of every path, right or wrong. */
  readonly winners: ReadonlyMap<string, Setting>;
  readonly problems: readonly string[];
}

/** The same, without an end where something is wrong. */
export function examine(from: ConfigSources): Examination {
  const { plugins, environment } = from;
  const keys = allKeys(plugins);
  const winners = winningSettings(keys, from);
  return {
    keys,
    winners,
    problems: problemsIn({ keys, winners, pluginIds: plugins.map(({ id }) => id), environment }),
  };
}

/** The strongest setting of every path. */
export function winningSettings(
  keys: readonly Key[],
  { plugins, files, environment, program }: ConfigSources,
): ReadonlyMap<string, Setting> {
  const objects = new Set(keys.filter(({ format }) => format.isObject).map(({ path }) => path));
  const layered = (layers: readonly ConfigLayer[]) => layers.flatMap((layer) => settingsOf(layer, objects));
  const [loaded, inCode] = [plugins.filter(isLoaded), plugins.filter((plugin) => !isLoaded(plugin))];
  const settings = [
    ...optionSettings(loaded, objects),
    ...layered(files),
    ...environmentSettings(keys, environment),
    ...optionSettings(inCode, objects),
    ...layered(program),
  ];
  return new Map(settings.map((setting) => [setting.path, setting]));
}

/** The options of a plugin that the configuration names in `load` are not the program's own: they stay defaults. */
function isLoaded({ isLoaded: named = false }: PluginSection): boolean {
  return named;
}

/** Convict holds the schema with its defaults and checks the whole once more. */
function hold(keys: readonly Key[], winners: ReadonlyMap<string, Setting>): PipelineConfig {
  const schema = nest(
    keys.map(({ path, entry: { doc, default: preset }, format }) => [
      path,
      { doc, default: preset, format: check(format, preset) },
    ]),
  );
  const settings = keys.flatMap(({ path, format, entry: { default: preset } }): [string, unknown][] => {
    const value = winners.get(path)?.value;
    return value === undefined ? [] : [[path, value === null ? null : bare(format.read(value), preset)]];
  });
  const held = convict<Record<string, unknown>>(schema as convict.Schema<Record<string, unknown>>).load(nest(settings));
  held.validate({ allowed: 'strict' });
  const read = ({ path, format }: Key): unknown => (held.get(path) === null ? null : format.read(held.get(path)));
  return { plugins: {}, ...nest(keys.map((key) => [key.path, read(key)])) } as PipelineConfig;
}

/** Convict copies its values, which a `Secret` does not survive, and takes an object for a section: they are unpacked, or written down, on the way in, and read again after. A text in the place of a list or an object it takes for JSON. */
function bare(value: unknown, preset: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value) && value[0] instanceof Secret) return value.map((each) => bare(each, preset));
  if (typeof value === 'string' && typeof preset === 'object' && preset !== null) return JSON.stringify(value);
  return isSection(value) ? JSON.stringify(value) : value;
}

function check(format: Key['format'], preset: unknown): (value: unknown) => void {
  return (value) => {
    if (!(value === null && preset === null) && format.read(value) === undefined)
      throw new Error(`must be ${format.description}`);
  };
}

function nest(leaves: readonly (readonly [path: string, value: unknown])[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of leaves) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let section = root;
    for (const name of names) {
      if (!Object.hasOwn(section, name)) section[name] = {};
      section = section[name] as Record<string, unknown>;
    }
    section[last] = value;
  }
  return root;
}
