import { allKeys } from '../config/keys.js';
import { missingKeys } from '../config/problems.js';
import { resolveConfig, winningSettings } from '../config/resolve.js';
import { orderPlugins } from '../plugin-api/order.js';
import type { Plugin } from '../plugin-api/plugin.js';
import { closeSinks } from '../stats/close-sinks.js';
import { resolveList } from './container.js';
import { configSources } from './options.js';
import type { PipelineOptions } from './options.js';
import { runnable } from './run-command.js';
import type { RunnableCommand } from './run-command.js';
import { namedPlugins, setUp } from './set-up.js';
import { CLOCK, PLUGIN_COMMAND, STAT_SINK } from './tokens.js';

/** The commands that plugins add to the `scriptorium` program, their plugins being set up. */
export interface PluginCommands {
  readonly commands: readonly RunnableCommand[];
  /** The plugins that were not asked: they, or those they depend on, lack a required key. */
  readonly leftOut: readonly LeftOut[];
  /** Closes what the plugins opened. Call it when no command runs any more. */
  readonly dispose: () => Promise<void>;
}

export interface LeftOut {
  /** The plugin's. */
  readonly id: string;
  /** The missing keys, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Sets plugins up for their commands alone: nothing is composed, and no provider is needed. A plugin that lacks a required
 * key is left out, with those that depend on it: commands of other plugins do not need it.
 * @throws ConfigError for everything else that is wrong
 */
export async function pluginCommands(options: PipelineOptions): Promise<PluginCommands> {
  const all = orderPlugins([...(options.plugins ?? []), ...(await namedPlugins(options))]);
  const leftOut = unready(all, options);
  const plugins = all.filter(({ id }) => leftOut.every((left) => left.id !== id));
  return setUp(
    options,
    { plugins, resolved: resolveConfig(configSources(options, plugins)), purpose: 'commands' },
    ({ container, disposer }) => {
      disposer.add(() => closeSinks(resolveList(container, STAT_SINK), container.resolve(CLOCK)), { isBounded: true });
      const commands = resolveList(container, PLUGIN_COMMAND).map((command) => runnable(command, options));
      return { commands, leftOut, dispose: () => disposer.dispose() };
    },
  );
}

/** @param all in order: what a plugin depends on comes before it */
function unready(all: readonly Plugin[], options: PipelineOptions): readonly LeftOut[] {
  const sources = configSources(options, all);
  const keys = allKeys(sources.plugins);
  const missing = [...missingKeys(keys, winningSettings(keys, sources))];
  const leftOut: LeftOut[] = [];
  for (const { id, dependsOn } of all) {
    const own = missing.filter(([path]) => path.startsWith(`plugins.${id}.`)).map(([, problem]) => problem);
    const inherited = leftOut.filter((left) => dependsOn.includes(left.id)).flatMap(({ problems }) => problems);
    if (own.length + inherited.length > 0) leftOut.push({ id, problems: [...own, ...inherited] });
  }
  return leftOut;
}
