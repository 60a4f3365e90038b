import { isForbidden } from './names.js';
import type { Key, PluginSection } from './keys.js';

/** A value on its way to its key, and where it comes from. */
export interface Setting {
  readonly path: string;
  readonly value: unknown;
  /** A file's name, a variable's name, "createPipeline({ config })". */
  readonly source: string;
}

/** Every leaf of a nested configuration object, an empty section among them. Undefined values are no settings. */
export function settingsOf(values: object, source: string, path = ''): readonly Setting[] {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    const hasInside = isSection(value) && !isForbidden(name) && Object.keys(value).length > 0;
    return hasInside ? settingsOf(value, source, `${path}${name}.`) : [{ path: path + name, value, source }];
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
export function optionSettings(plugins: readonly PluginSection[]): readonly Setting[] {
  return plugins.flatMap(({ id, name, options }) => settingsOf(options, `the options of ${name}()`, `plugins.${id}.`));
}

/** A plain object, whichever realm it was made in. */
export function isSection(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'));
}

/** A text that is no number stays as it is, for the message that refuses it. */
function scaled(value: string, scale: number): number | string {
  const number = value.trim() === '' ? NaN : Number(value);
  return Number.isNaN(number) ? value : Math.round(number * scale);
}
