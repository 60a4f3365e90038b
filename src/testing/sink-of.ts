import type { StatSink } from '../core/stats.js';
import type { Plugin } from '../plugins/plugin.js';
import { contributionsOf, theOnly } from './contributions.js';
import type { ContributionsOptions } from './contributions.js';

/**
 * The sink that a plugin adds, without a pipeline around it, for `describeSink`. Closing it also disposes the plugin.
 * @throws ConfigError; Error if it adds none, or several
 */
export async function sinkOf(plugin: Plugin, options: ContributionsOptions = {}): Promise<StatSink> {
  const { sinks, dispose } = await contributionsOf(plugin, options);
  const sink = theOnly('sink', plugin, sinks);
  return {
    name: sink.name,
    record: (stat) => sink.record(stat),
    backlog: () => sink.backlog?.() ?? { queued: 0, dropped: 0 },
    flush: () => sink.flush?.() ?? Promise.resolve(),
    close: async () => {
      await sink.close?.();
      await dispose();
    },
  };
}
