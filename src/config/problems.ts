import { Secret } from '../core/secret.js';
import { isSecret } from './fragment.js';
import type { Key } from './keys.js';
import { isSection } from './is-section.js';
import type { Setting } from './layers.js';
import { isForbidden } from './names.js';
import { didYouMean, mostSimilar, nearest } from '../core/util/nearest.js';
import { shown } from './shown.js';

/** What is checked: the keys there are, the strongest setting of every path, and where these came from. */
export interface Checked {
  readonly keys: readonly Key[];
  readonly winners: ReadonlyMap<string, Setting>;
  readonly pluginIds: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** All that is wrong, a sentence each with path, value (never a secret's), source and remedy. */
export function problemsIn({ keys, winners, pluginIds, environment }: Checked): readonly string[] {
  const loaded = new Set(pluginIds);
  return [
    ...[...winners.values()].flatMap((setting) => problemOfPath(setting, keys, loaded)),
    ...unknownVariables(keys, pluginIds, environment),
    ...keys.flatMap((key) => problemOfValue(key, winners)),
  ];
}

/** The required keys that have no value, as sentences by path. */
export function missingKeys(keys: readonly Key[], winners: Checked['winners']): ReadonlyMap<string, string> {
  return new Map(keys.filter((key) => isMissing(key, winners)).map((key) => [key.path, missing(key)]));
}

function problemOfPath(
  { path, value, source }: Setting,
  keys: readonly Key[],
  loaded: ReadonlySet<string>,
): readonly string[] {
  if (keys.some((key) => key.path === path)) return [];
  if (path.split('.').some(isForbidden)) return [`${path} (from ${source}) is not allowed as the name of a key.`];
  const [section, id] = path.split('.');
  if (section === 'plugins' && id !== undefined && !loaded.has(id)) return [];
  const isSectionName = path === 'plugins' || keys.some((key) => key.path.startsWith(`${path}.`));
  if (!isSectionName) return [unknownKey(path, source, keys)];
  return isSection(value)
    ? []
    : [`${path} (from ${source}) is ${shown(value)}, but must be an object: it is a section.`];
}

/** Suggests the most similar key of the same name in another section, or else one of almost the same path. */
function unknownKey(path: string, source: string, keys: readonly Key[]): string {
  const known = keys.map((key) => key.path);
  const namesake = mostSimilar(
    path,
    known.filter((candidate) => lastName(candidate) === lastName(path)),
  );
  const suggestion = namesake === undefined ? didYouMean(path, known) : ` Did you mean "${namesake}"?`;
  return `${path} (from ${source}) is not a key of the configuration.${suggestion}`;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

const PREFIX = 'SCRIPTORIUM_';

/** Variables with our prefix that set nothing. Those for plugins that are not loaded are passed over, as their sections are. */
function unknownVariables(
  keys: readonly Key[],
  pluginIds: readonly string[],
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const known = keys
    .flatMap(({ variables }) => variables.map(({ name }) => name))
    .filter((name) => name.startsWith(PREFIX));
  const ofLoaded = pluginIds.map((id) => `${PREFIX}PLUGINS_${id.replaceAll('-', '_').toUpperCase()}_`);
  const isOurs = (name: string): boolean =>
    !name.startsWith(`${PREFIX}PLUGINS_`) || ofLoaded.some((prefix) => name.startsWith(prefix));
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && (environment[name] ?? '') !== '' && !known.includes(name) && isOurs(name),
  );
  return unknown.map((name) => {
    const near = nearest(
      name.slice(PREFIX.length),
      known.map((candidate) => candidate.slice(PREFIX.length)),
    );
    return `${name} is set, but is not a variable of the configuration.${near === undefined ? '' : ` Did you mean "${PREFIX}${near}"?`}`;
  });
}

function problemOfValue(key: Key, winners: Checked['winners']): readonly string[] {
  const { path, entry, format } = key;
  const setting = winners.get(path);
  if (isMissing(key, winners)) return [missing(key)];
  const { value, source } = setting ?? { value: entry.default, source: 'its own default' };
  if (setting !== undefined && isEmpty(value))
    return [`${path} (from ${source}) is empty, but must be ${format.description}. Set it, or leave it out.`];
  if ((value === null && entry.default === null) || format.read(value) !== undefined) return [];
  const what = isSecret(format) ? '' : ` is ${shown(format.shown ? format.shown(value) : value)}, but`;
  return [`${path} (from ${source})${what} must be ${format.description}.`];
}

/** The environment has no empty texts: an empty variable counts as unset. */
function isEmpty(value: unknown): boolean {
  return value === '' || (value instanceof Secret && value.reveal() === '');
}

function isMissing({ path, entry }: Key, winners: Checked['winners']): boolean {
  const isUnset = (name: string): boolean => (winners.get(name)?.value ?? null) === null;
  const other = entry.requiredUnless === undefined ? undefined : besides(path, entry.requiredUnless);
  return (entry.required === true || (other !== undefined && isUnset(other))) && isUnset(path);
}

/** The path of another key of the same section. */
function besides(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('.') + 1) + name;
}

function missing({ path, entry, variables }: Key): string {
  return `${path} (${entry.doc}) is required: set ${variables.map(({ name }) => name).join(' or ')}.`;
}
