import { ConfigError } from '../core/errors/classes.js';
import { resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { systemClock } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import type { Provider } from '../core/provider.js';
import { redactor } from '../core/redaction/redactor.js';
import type { StatSink } from '../core/stats.js';
import type { Plugin, PluginHost } from '../plugin-api/plugin.js';

export interface ContributionsOptions {
  /** The settings that a program would pass under `plugins.<id>`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
}

/** The parts of a plugin that can be proved alone. */
export interface Contributions {
  readonly providers: readonly Provider[];
  readonly sinks: readonly StatSink[];
  /** Closes the sinks, then runs what the plugin wants run at the end, the last one first. All of it once. @throws the first failure, after everything has run */
  readonly dispose: () => Promise<void>;
}

/**
 * Sets a plugin up without a pipeline around it. Its configuration is read as a pipeline reads it. If its setup fails, what was
 * set up is closed again.
 * @throws ConfigError; what its setup throws
 */
export async function contributionsOf(
  plugin: Plugin,
  { config = {}, environment = {}, clock = systemClock }: ContributionsOptions,
): Promise<Contributions> {
  const { values, sources, secrets } = configOf(plugin, config, environment);
  const [providers, sinks, endings]: [Provider[], StatSink[], (() => unknown)[]] = [[], [], []];
  const nothing = (): void => undefined;
  const host: PluginHost<unknown> = {
    purpose: 'pipeline',
    config: values.plugins[plugin.id] ?? {},
    sourceOf: (key) => sources.get(`plugins.${plugin.id}.${key}`),
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    clock,
    redact: redactor(secrets),
    addProvider: (provider) => void providers.push(provider),
    addStatSink: (sink) => void sinks.push(sink),
    onDispose: (run) => void endings.unshift(run),
    addInterceptor: nothing,
    addTransport: nothing,
    wrapTransport: nothing,
    addCommand: nothing,
    addEndpoint: nothing,
    replace: nothing,
    replacement: () => () => undefined,
    part: () => () => {
      throw new ConfigError(`There is no pipeline around the plugin "${plugin.id}", so it can use no part of one.`);
    },
  };
  let disposed: Promise<void> | undefined;
  const dispose = (): Promise<void> =>
    (disposed ??= runAll([...sinks.map((sink) => () => sink.close?.()), ...endings]));
  try {
    await plugin.setup(host);
  } catch (error) {
    await dispose().catch(nothing);
    throw error;
  }
  return { providers, sinks, dispose };
}

/** A plugin without a fragment has no section, and is given none. */
function configOf(
  { id, name, config: fragment, options, environment: variables }: Plugin,
  config: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): ResolvedConfig {
  const program =
    Object.keys(config).length === 0 ? [] : [{ source: 'the program', values: { plugins: { [id]: config } } }];
  return resolveConfig({ plugins: [{ id, name, fragment, options, variables }], files: [], environment, program });
}

async function runAll(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The part of this kind that the plugin adds. @throws Error unless there is exactly one, after the plugin is closed again */
export async function theOnly<K extends 'providers' | 'sinks'>(
  kind: K,
  { id }: Plugin,
  contributions: Contributions,
): Promise<Contributions[K][number]> {
  const added = contributions[kind];
  const [only] = added;
  if (only !== undefined && added.length === 1) return only;
  await contributions.dispose().catch(() => undefined);
  throw new Error(`The plugin "${id}" adds ${added.length} ${kind}; expected one.`);
}
