import { EMPTY } from 'rxjs';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin, PluginHost, Provider } from 'scriptorium/plugin';

/** A plugin that does what `setup` says, and nothing else. */
export function aPlugin(
  name: string,
  setup: (host: PluginHost<object>) => void | Promise<void> = () => undefined,
  dependsOn: readonly string[] = [],
): Plugin {
  return definePlugin({ name, apiVersion: 1, dependsOn, setup });
}

/** A provider that answers nothing: for pipelines that are only built. */
export function aProvider(id = 'still'): Provider {
  return { id, generate: () => EMPTY };
}

/** What a pipeline needs at least. */
export const still: Plugin = aPlugin('still', (host) => host.addProvider(aProvider()));
