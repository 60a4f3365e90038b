import { shown } from '../config/shown.js';
import { ConfigError } from '../core/errors/classes.js';
import { PLUGIN_API_VERSION } from './plugin.js';
import type { Plugin } from './plugin.js';

/** Whether a value has the shape of a plugin. `instanceof` would reject plugins of another copy of this package. */
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

/**
 * Checks that a value is a plugin for this version of the contract.
 * @throws ConfigError otherwise
 */
export function checkPlugin(plugin: unknown): void {
  if (typeof plugin === 'function')
    throw new ConfigError(`The list of plugins contains a function. Call it: ${plugin.name || 'myPlugin'}().`);
  if (!isPlugin(plugin))
    throw new ConfigError(
      `The list of plugins contains ${shown(plugin)}, which is not a plugin. Create one with definePlugin().`,
    );
  const { id, apiVersion } = plugin;
  if (apiVersion !== PLUGIN_API_VERSION) {
    throw new ConfigError(
      `Plugin "${id}" requires version ${String(apiVersion)} of the plugin contract; this is version ${PLUGIN_API_VERSION}. Install matching releases of the plugin and of scriptorium.`,
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
