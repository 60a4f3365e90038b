import { isSection } from './is-section.js';
import { isForbidden } from './names.js';
import type { Key, PluginSection } from './keys.js';

/** A value on its way to its key, and where it comes from. */
export interface Setting {
  readonly path: string;
  readonly value: unknown;
  /** A file's name, a variable's name, "createPipeline({ config })". */
  readonly source: string;
}

/** A source's values, and where in the configuration they belong. */
export interface Nested {
  readonly values: object;
  readonly source: string;
  /** Empty for the whole; else it ends with a full stop. */
  readonly path?: string;
}

/** Every leaf of a nested configuration object, an empty section among them. Undefined values are no settings. @param objects the paths whose values are objects */
export function settingsOf({ values, source, path = '' }: Nested, objects: ReadonlySet<string>): readonly Setting[] {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    const isLeaf =
      !isSection(value) || isForbidden(name) || Object.keys(value).length === 0 || objects.has(path + name);
    return isLeaf
      ? [{ path: path + name, value, source }]
      : settingsOf({ values: value, source, path: `${path}${name}.` }, objects);
  });
}

/** What the environment says about the keys. An empty variable counts as unset. */
export function environmentSettings(keys: readonly Key[], environment: NodeJS.ProcessEnv): readonly Setting[] {
  return keys.flatMap(({ path, variables }) =>
    variables.flatMap(({ name, scale }) => {
      const value = environment[name];
      if (value === undefined || value === '') return [];
      return [{ path, value: scale === undefined ? value : scaled(value, scale), source: name }];
    }),
  );
}

/** The options of the plugins' factories. */
export function optionSettings(plugins: readonly PluginSection[], objects: ReadonlySet<string>): readonly Setting[] {
  return plugins.flatMap(({ id, name, options }) =>
    settingsOf({ values: options, source: `the options of ${name}()`, path: `plugins.${id}.` }, objects),
  );
}

/** A text that is no number stays as it is, for the message that refuses it. */
function scaled(value: string, scale: number): number | string {
  const number = value.trim() === '' ? NaN : Number(value);
  return Number.isNaN(number) ? value : Math.round(number * scale);
}
