import convict from 'convict';
import { ConfigError } from '../core/errors/kin.js';
import { Secret } from '../core/secret.js';
import type { PipelineConfig } from './base-schema.js';
import { isSecret } from './fragment.js';
import type { Key, PluginSection } from './keys.js';
import { allKeys } from './keys.js';
import { environmentSettings, isSection, optionSettings, settingsOf } from './layers.js';
import type { Setting } from './layers.js';
import { isForbidden } from './names.js';
import { didYouMean } from './nearest.js';
import { shown } from './shown.js';

/** A source of configuration, as a nested object. */
export interface ConfigLayer {
  readonly source: string;
  readonly values: object;
}

export interface ConfigSources {
  readonly plugins: readonly PluginSection[];
  /** Weaker than the environment: configuration files, in order. */
  readonly files: readonly ConfigLayer[];
  readonly environment: NodeJS.ProcessEnv;
  /** Stronger than the environment: what the program itself passes. */
  readonly program: readonly ConfigLayer[];
}

export interface ResolvedConfig {
  readonly values: PipelineConfig;
  /** Where each value came from, by path; what is missing here is a default. */
  readonly sources: ReadonlyMap<string, string>;
  readonly secrets: readonly Secret[];
}

/**
 * Puts the layers over each other, later ones winning: defaults, plugin options, files, environment, program. Strict:
 * unknown keys and wrong values are all reported at once, each with its path, value (never a secret's), source and remedy.
 * Sections of plugins that are not loaded are tolerated.
 * @throws ConfigError
 */
export function resolveConfig(from: ConfigSources): ResolvedConfig {
  const { plugins } = from;
  const keys = allKeys(plugins);
  const winners = winningSettings(keys, from);

  const loaded = new Set(plugins.map(({ id }) => id));
  const problems = [
    ...[...winners.values()].flatMap((setting) => problemOfPath(setting, keys, loaded)),
    ...keys.flatMap((key) => problemOfValue(key, winners.get(key.path))),
  ];
  if (problems.length > 0) throw new ConfigError(`The configuration is not right:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);

  const values = hold(keys, winners);
  return {
    values,
    sources: new Map([...winners.values()].map(({ path, source }) => [path, source])),
    secrets: Object.values(values.plugins).flatMap((section) => Object.values(section).filter((value) => value instanceof Secret)),
  };
}

/** The strongest setting of every path. */
export function winningSettings(keys: readonly Key[], { plugins, files, environment, program }: ConfigSources): ReadonlyMap<string, Setting> {
  const layered = (layers: readonly ConfigLayer[]) => layers.flatMap(({ values, source }) => settingsOf(values, source));
  const settings = [...optionSettings(plugins), ...layered(files), ...environmentSettings(keys, environment), ...layered(program)];
  return new Map(settings.map((setting) => [setting.path, setting]));
}

function problemOfPath({ path, value, source }: Setting, keys: readonly Key[], loaded: ReadonlySet<string>): readonly string[] {
  if (keys.some((key) => key.path === path)) return [];
  if (path.split('.').some(isForbidden)) return [`${path} (from ${source}) is not allowed as the name of a key.`];
  const [section, id] = path.split('.');
  if (section === 'plugins' && id !== undefined && !loaded.has(id)) return [];
  const isSectionName = path === 'plugins' || keys.some((key) => key.path.startsWith(`${path}.`));
  if (!isSectionName) return [unknownKey(path, source, keys)];
  return isSection(value) ? [] : [`${path} (from ${source}) is ${shown(value)}, but must be an object: it is a section.`];
}

/** The nearest key is one of the same name in another section, or else one of almost the same path. */
function unknownKey(path: string, source: string, keys: readonly Key[]): string {
  const known = keys.map((key) => key.path);
  const namesake = known.find((candidate) => lastName(candidate) === lastName(path));
  const suggestion = namesake === undefined ? didYouMean(path, known) : ` Did you mean "${namesake}"?`;
  return `${path} (from ${source}) is no key of the configuration.${suggestion}`;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function problemOfValue({ path, entry, format, variables }: Key, setting: Setting | undefined): readonly string[] {
  const isMissing = setting === undefined || setting.value === null;
  if (isMissing && entry.required) return [`${path} (${entry.doc}) is required: set ${variables.map(({ name }) => name).join(' or ')}.`];
  const { value, source } = setting ?? { value: entry.default, source: 'its own default' };
  if ((value === null && entry.default === null) || format.read(value) !== undefined) return [];
  const what = isSecret(format) ? '' : ` is ${shown(format.shown ? format.shown(value) : value)}, but`;
  return [`${path} (from ${source})${what} must be ${format.description}.`];
}

/** Convict holds the schema with its defaults and checks the whole once more. */
function hold(keys: readonly Key[], winners: ReadonlyMap<string, Setting>): PipelineConfig {
  const schema = nest(keys.map(({ path, entry: { doc, default: preset }, format }) => [path, { doc, default: preset, format: check(format, preset) }]));
  const settings = keys.flatMap(({ path, format }): [string, unknown][] => {
    const value = winners.get(path)?.value;
    return value === undefined ? [] : [[path, value === null ? null : bare(format.read(value))]];
  });
  const held = convict<Record<string, unknown>>(schema as convict.Schema<Record<string, unknown>>).load(nest(settings));
  held.validate({ allowed: 'strict' });
  const read = ({ path, format }: Key): unknown => (held.get(path) === null ? null : format.read(held.get(path)));
  return { plugins: {}, ...nest(keys.map((key) => [key.path, read(key)])) } as PipelineConfig;
}

/** Convict copies its values, which a `Secret` does not survive: it is unpacked on the way in and packed again after. */
function bare(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

function check(format: Key['format'], preset: unknown): (value: unknown) => void {
  return (value) => {
    if (!(value === null && preset === null) && format.read(value) === undefined) throw new Error(`must be ${format.description}`);
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
