import { ConfigError } from '../core/errors/classes.js';
import { checkPlugin } from './check-plugin.js';
import type { Plugin } from './plugin.js';

/**
 * The plugins in the order they are set up: as given, but each after those it depends on.
 * @throws ConfigError for what is no plugin, another `apiVersion`, an id that is there twice, a missing dependency, or a cycle
 */
export function orderPlugins(plugins: readonly Plugin[]): readonly Plugin[] {
  const byId = new Map<string, Plugin>();
  for (const plugin of plugins) {
    checkPlugin(plugin);
    if (byId.has(plugin.id))
      throw new ConfigError(
        `Two plugins have the id "${plugin.id}"; give one of them another: ${plugin.name}({ id: "${plugin.id}-2" }).`,
      );
    byId.set(plugin.id, plugin);
  }
  const ordered = new Set<Plugin>();
  const place = (plugin: Plugin, path: readonly string[]): void => {
    if (ordered.has(plugin)) return;
    if (path.includes(plugin.id))
      throw new ConfigError(
        `Plugins depend on each other in a circle: ${[...path, plugin.id].join(' → ')}; take one dependsOn away.`,
      );
    for (const id of plugin.dependsOn) {
      const needed = byId.get(id);
      if (needed === undefined)
        throw new ConfigError(
          `Plugin "${plugin.id}" needs the plugin "${id}", which is not in the list: add it to plugins; there are: ${[...byId.keys()].join(', ')}.`,
        );
      place(needed, [...path, plugin.id]);
    }
    ordered.add(plugin);
  };
  plugins.forEach((plugin) => place(plugin, []));
  return [...ordered];
}
