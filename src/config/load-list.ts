import { ConfigError } from '../core/errors/classes.js';
import { TOP_SCHEMA } from './base-schema.js';
import { allKeys } from './keys.js';
import { winningSettings } from './resolve.js';
import type { ConfigSources } from './resolve.js';

/** Plugins to import, and where the list stands: a relative one is looked for beside that file. */
export interface LoadList {
  readonly specifiers: readonly string[];
  readonly source: string;
}

/** Reads the key `load` alone: it must be known before the plugins, and so the whole schema, are. */
export function loadListOf(sources: ConfigSources): LoadList {
  const setting = winningSettings(allKeys([]), sources).get('load');
  const { format } = TOP_SCHEMA.load;
  const specifiers = setting === undefined ? [] : format.read(setting.value);
  if (specifiers === undefined)
    throw new ConfigError(`load (from ${setting?.source ?? ''}) must be ${format.description}.`);
  return { specifiers, source: setting?.source ?? '' };
}
