import { resolveConfig } from '../config/resolve.js';
import { systemClock } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import type { Provider } from '../core/provider.js';
import { redactor } from '../core/secret.js';
import type { StatSink } from '../core/stats.js';
import type { Plugin, PluginHost } from '../plugins/plugin.js';

export interface ContributionsOptions {
  /** What a program would pass under `plugins.<id>`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
}

/** What a plugin adds that can be proved alone. */
export interface Contributions {
  readonly providers: readonly Provider[];
  readonly sinks: readonly StatSink[];
  /** Runs what the plugin wants run at the end, the last one first. */
  readonly dispose: () => Promise<void>;
}

/**
 * Sets a plugin up without a pipeline around it. Its configuration is read as a pipeline reads it.
 * @throws ConfigError
 */
export async function contributionsOf(plugin: Plugin, { config = {}, environment = {}, clock = systemClock }: ContributionsOptions): Promise<Contributions> {
  const { id, name, config: fragment, options } = plugin;
  const { values, secrets } = resolveConfig({
    plugins: [{ id, name, fragment, options }], files: [], environment, program: [{ source: 'the program', values: { plugins: { [id]: config } } }],
  });
  const [providers, sinks, endings]: [Provider[], StatSink[], (() => unknown)[]] = [[], [], []];
  const nothing = (): void => undefined;
  const host: PluginHost<unknown> = {
    purpose: 'pipeline',
    config: values.plugins[id], logger: { debug: nothing, info: nothing, warn: nothing, error: nothing }, clock, redact: redactor(secrets),
    addProvider: (provider) => void providers.push(provider),
    addStatSink: (sink) => void sinks.push(sink),
    onDispose: (run) => void endings.unshift(run),
    addInterceptor: nothing, addTransport: nothing, wrapTransport: nothing, addCommand: nothing,
  };
  await plugin.setup(host);
  return { providers, sinks, dispose: async () => { for (const run of endings) await run(); } };
}

/** @throws Error unless there is exactly one */
export function theOnly<T>(what: string, { id }: Plugin, added: readonly T[]): T {
  const [only] = added;
  if (only === undefined || added.length > 1) throw new Error(`The plugin "${id}" adds ${added.length} ${what}s; expected one.`);
  return only;
}
