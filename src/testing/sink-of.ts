import type { StatSink } from '../core/stats.js';
import type { Plugin } from '../plugin-api/plugin.js';
import { contributionsOf, theOnly } from './contributions.js';
import type { ContributionsOptions } from './contributions.js';

/**
 * The sink that a plugin adds, without a pipeline around it, for `describeSink`. Closing it also disposes the plugin.
 * @throws ConfigError; Error if it adds none, or several
 */
export async function sinkOf(plugin: Plugin, options: ContributionsOptions = {}): Promise<StatSink> {
  const contributions = await contributionsOf(plugin, options);
  const sink = await theOnly('sinks', plugin, contributions);
  return {
    name: sink.name,
    record: (stat) => sink.record(stat),
    backlog: () => sink.backlog?.() ?? { queued: 0, dropped: 0 },
    flush: () => sink.flush?.() ?? Promise.resolve(),
    close: contributions.dispose,
  };
}
