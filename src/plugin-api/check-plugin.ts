import { shown } from '../config/shown.js';
import { ConfigError } from '../core/errors/classes.js';
import { PLUGIN_API_VERSION } from './plugin.js';
import type { Plugin } from './plugin.js';

/** Known by its shape: it may come from another copy of this package. */
export function isPlugin(value: unknown): value is Plugin {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    typeof value.id === 'string' &&
    typeof value.setup === 'function' &&
    Array.isArray(value.dependsOn) &&
    isRecord(value.config) &&
    isRecord(value.options)
  );
}

/** @throws ConfigError for what is no plugin, or one that is written for another version of the contract */
export function checkPlugin(plugin: unknown): void {
  if (typeof plugin === 'function')
    throw new ConfigError(`The list of plugins holds a function; call it: ${plugin.name || 'myPlugin'}().`);
  if (!isPlugin(plugin))
    throw new ConfigError(
      `The list of plugins holds ${shown(plugin)}, which is no plugin: make one with definePlugin().`,
    );
  const { id, apiVersion } = plugin;
  if (apiVersion !== PLUGIN_API_VERSION) {
    throw new ConfigError(
      `Plugin "${id}" is written for version ${String(apiVersion)} of the plugin contract; this is version ${PLUGIN_API_VERSION}: install a release of it, or of scriptorium, that fits.`,
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
