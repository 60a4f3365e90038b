import { settingOf } from './settings.js';
import type { Settings } from './settings.js';
import { VENDORS } from './vendors.js';

/** Whether a provider has a key, or several: in its usual variables or in the configuration. */
export function hasKey(id: string, settings: Settings): boolean {
  const { environment = {} } = settings;
  const variable = id === 'openrouter' ? 'OPENROUTER_API_KEY' : VENDORS.get(id)?.keyVariable;
  const inVariables = variable === undefined ? [] : [environment[variable], environment[`${variable}S`]];
  const configured = ['apiKey', 'keys'].map((key) => settingOf(settings, `plugins.${id}.${key}`));
  return [...inVariables, ...configured].some((value) => value !== undefined && value !== '' && value !== null);
}

/** The vendors beside OpenRouter that have a key. */
export function vendorsWithKey(settings: Settings): readonly string[] {
  return [...VENDORS].flatMap(([id, { keyVariable }]) =>
    keyVariable !== undefined && hasKey(id, settings) ? [id] : [],
  );
}
