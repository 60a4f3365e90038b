import { ConfigError } from '../core/errors/classes.js';
import { checkPlugin } from './check-plugin.js';
import type { Plugin } from './plugin.js';

/**
 * Sorts plugins by setup order: as given, but each after its dependencies.
 * @throws ConfigError for a value that is not a plugin, another `apiVersion`, a duplicate id, a missing dependency or a
 * cycle
 */
export function orderPlugins(plugins: readonly Plugin[]): readonly Plugin[] {
  const byId = new Map<string, Plugin>();
  for (const plugin of plugins) {
    checkPlugin(plugin);
    if (byId.has(plugin.id))
      throw new ConfigError(
        `Two plugins have the id "${plugin.id}". Give one of them another: ${plugin.name}({ id: "${plugin.id}-2" }).`,
      );
    byId.set(plugin.id, plugin);
  }
  const ordered = new Set<Plugin>();
  const place = (plugin: Plugin, path: readonly string[]): void => {
    if (ordered.has(plugin)) return;
    if (path.includes(plugin.id))
      throw new ConfigError(`Circular plugin dependency: ${[...path, plugin.id].join(' → ')}. Remove one dependsOn.`);
    for (const id of plugin.dependsOn) {
      const needed = byId.get(id);
      if (needed === undefined)
        throw new ConfigError(
          `Plugin "${plugin.id}" depends on "${id}", which is missing. Add it to plugins; present: ${[...byId.keys()].join(', ')}.`,
        );
      place(needed, [...path, plugin.id]);
    }
    ordered.add(plugin);
  };
  plugins.forEach((plugin) => place(plugin, []));
  return [...ordered];
}
