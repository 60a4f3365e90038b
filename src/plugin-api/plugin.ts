import { maskSecrets } from '../config/fragment.js';
import type { ConfigOf, Entry, Fragment } from '../config/fragment.js';
import { baseKeys } from '../config/keys.js';
import type { BaseVariables } from '../config/keys.js';
import { isUsableName } from '../config/names.js';
import { shown } from '../config/shown.js';
import type { Clock } from '../core/clock.js';
import { ConfigError } from '../core/errors/classes.js';
import type { HttpEndpoint } from '../core/http-endpoint.js';
import type { InterceptorClass, InterceptorDefinition } from '../core/interceptor.js';
import type { Logger, Redact } from '../core/ports.js';
import type { Provider } from '../core/provider.js';
import type { StatSink } from '../core/stats.js';
import type { Token } from '../core/token.js';
import { didYouMean } from '../core/util/nearest.js';
import type { Transport, TransportWrap } from '../core/transport.js';
import type { PluginCommand } from './command.js';

/** The purpose of a setup: a pipeline, or only the plugins' commands. */
export type Purpose = 'pipeline' | 'commands';

/**
 * Registers a plugin's parts with the pipeline. Usable only while `setup` runs.
 * @see docs/plugins.md
 */
export interface PluginHost<Config> {
  /** The plugin's own section of the configuration, validated. */
  readonly config: Config;
  /**
   * Names where a value of that section comes from, for messages: a variable, a file, "the options of quill()". Undefined for a
   * default.
   */
  sourceOf(key: string): string | undefined;
  /**
   * The purpose of the setup. With `commands` nothing is generated, and another program may be running: leave its ports
   * and locks alone.
   */
  readonly purpose: Purpose;
  readonly logger: Logger;
  /** The pipeline's clock; use it for all timing. */
  readonly clock: Clock;
  /**
   * Masks the configuration's secrets, including other plugins', in a text to be stored or shown. The secrets
   * themselves are not accessible.
   */
  readonly redact: Redact;
  /** Adds a provider. */
  addProvider(provider: Provider): void;
  /** Adds an interceptor: a definition, or a class that the pipeline's container constructs. */
  addInterceptor(interceptor: InterceptorDefinition | InterceptorClass): void;
  /** Adds a sink, which receives every stat. */
  addStatSink(sink: StatSink): void;
  /** Registers a transport, created if the configuration's `transport` names it. */
  addTransport(name: string, make: () => Transport): void;
  /** Wraps the transport, for recording, signing or extra headers. Later plugins' wraps are further out. */
  wrapTransport(wrap: TransportWrap): void;
  /** Adds a command to the `scriptorium` program. */
  addCommand(command: PluginCommand): void;
  /** Offers an answer over HTTP to programs that serve the pipeline: `pipeline.endpoints()` lists it. */
  addEndpoint(endpoint: HttpEndpoint): void;
  /**
   * Replaces a part that may live elsewhere (`tokens.LIMIT_STORE`, `BREAKERS`, `SLOTS`, `RETRY_BUDGETS`, `SPENDING`,
   * `CACHE_STORE`, `STATE_STORE`) or a built-in interceptor. The pipeline puts a fence around the part: see `ports` in
   * the configuration. Under a global symbol (`Symbol.for`), which another plugin exports, it offers that plugin a part.
   * @throws ConfigError that names the missing method if the part has the wrong shape
   * @see docs/plugins.md
   * @example
   * ```ts
   * setup: (host) => host.replace(tokens.CACHE_STORE, remoteCache(host.config.url)),
   * ```
   */
  replace<T>(token: Token<T>, part: NoInfer<T>): void;
  /**
   * Returns a function that gives a part of the pipeline; a part that may live elsewhere comes behind its fence. Call it
   * after all plugins are set up, in an interceptor or a sink. In a command use the pipeline from `openPipeline`: the
   * command's own host has no pipeline, and the function throws a `ConfigError`.
   * @throws ConfigError for an undefined token
   */
  part<T>(token: Token<T>): () => T;
  /**
   * Returns a function that gives the replacement of a part, without its fence; undefined where the built-in part is in use.
   * For data of the plugin's own, which must fail rather than be forgotten. Call it after all plugins are set up; a command
   * may, too.
   * @example
   * ```ts
   * const shared = host.replacement(tokens.STATE_STORE);
   * const store = (): StateStore => shared() ?? fileStateStore(host.config.file);
   * ```
   */
  replacement<T>(token: Token<T>): () => T | undefined;
  /** Adds a callback that runs when the pipeline is disposed, in reverse order of registration. */
  onDispose(run: () => void | Promise<void>): void;
}

/** Input of `definePlugin`. Only `name`, `apiVersion` and `setup` are required. */
export interface PluginManifest<F extends Fragment> {
  /** The plugin's kind: `[a-z][a-z0-9-]*`. */
  readonly name: string;
  /** Id of this instance; the name by default. The configuration is `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly apiVersion: 1;
  /** Ids of required plugins, which are set up before this one. */
  readonly dependsOn?: readonly string[];
  /** The plugin's configuration keys. */
  readonly config?: F;
  /**
   * The options of the plugin's factory. They win over files and the environment, but not over `createPipeline({ config })`.
   * An `id` among them is ignored. In a plugin that a configuration names in `load`, they are defaults.
   */
  readonly options?: { readonly [K in keyof F]?: unknown };
  /**
   * Further environment variables for keys outside the plugin's section, by name: `{ QUILL_MOST: 'defaults.maxTokens' }`,
   * or with a factor, `{ QUILL_TIMEOUT: { key: 'timeouts.attemptMs', scale: 1000 } }`. They are read while an instance
   * with the plugin's own name is loaded. `SCRIPTORIUM_…` wins over them.
   */
  readonly environment?: BaseVariables | undefined;
  /** Adds the plugin's parts to the pipeline. */
  setup(host: PluginHost<ConfigOf<F>>): void | Promise<void>;
}

/** A plugin, ready for `createPipeline({ plugins })`. */
export interface Plugin {
  readonly name: string;
  readonly id: string;
  readonly apiVersion: number;
  readonly dependsOn: readonly string[];
  readonly config: Fragment;
  readonly options: Readonly<Record<string, unknown>>;
  readonly environment?: BaseVariables | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each plugin's own configuration, typed in `definePlugin`
  setup(host: PluginHost<any>): void | Promise<void>;
}

/** The version of the plugin contract. Plugins for other versions are rejected. */
export const PLUGIN_API_VERSION = 1;

/**
 * Defines a plugin: a named set of providers, interceptors, sinks and so on, with its own configuration. `host.config`
 * is typed by the `config` fragment.
 * @throws ConfigError for a name or id that is not `[a-z][a-z0-9-]*` or that is reserved, and for an invalid
 * configuration key or variable
 * @see docs/plugins.md
 * @example
 * ```ts
 * export const shout = (options: { readonly marks?: number } = {}) =>
 *   definePlugin({
 *     name: 'shout',
 *     apiVersion: 1,
 *     config: { marks: { doc: 'Exclamation marks to add', format: whole(1), default: 1 } },
 *     options,
 *     setup: (host) => host.addInterceptor(shoutInterceptor(host.config.marks)),
 *   });
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- without a fragment there is no configuration
export function definePlugin<const F extends Fragment = Record<never, Entry>>(manifest: PluginManifest<F>): Plugin {
  const { name, id = name, apiVersion, dependsOn = [], config = {} as F, options = {}, environment } = manifest;
  checkName('name', name);
  checkName('id', id);
  checkVariables(id, environment ?? {});
  for (const key of Object.keys(config)) {
    if (!isUsableName(key))
      throw new ConfigError(
        `Plugin "${id}" has a configuration key "${key}", which is a reserved name. Choose another.`,
      );
    if (!/^[A-Za-z]\w*$/.test(key))
      throw new ConfigError(
        `Plugin "${id}" has a configuration key "${key}". Keys consist of letters, digits and underscores, such as "maxItems".`,
      );
  }
  return {
    name,
    id,
    apiVersion,
    dependsOn,
    config,
    options: maskSecrets(config, withoutId(options, config)),
    environment,
    setup: (host: PluginHost<ConfigOf<F>>) => manifest.setup(host),
  };
}

function checkName(what: 'name' | 'id', value: unknown): void {
  if (typeof value !== 'string' || !/^[a-z][a-z0-9-]*$/.test(value)) {
    throw new ConfigError(
      `The plugin ${what} ${shown(value)} must be lower-case letters, digits and dashes, starting with a letter, such as "my-plugin".`,
    );
  }
  if (!isUsableName(value)) throw new ConfigError(`The plugin ${what} "${value}" is reserved. Choose another.`);
}

function checkVariables(id: string, variables: BaseVariables): void {
  const known = baseKeys().map(({ path }) => path);
  for (const [name, target] of Object.entries(variables)) {
    const path = typeof target === 'string' ? target : target.key;
    if (!known.includes(path))
      throw new ConfigError(
        `Plugin "${id}" declares the variable ${name} for ${shown(path)}, which is not a key of the configuration outside plugins.${didYouMean(path, known)}`,
      );
  }
}

/** Factories pass their options unchanged; the `id` among them names the instance and is not a configuration key. */
function withoutId(options: object, config: Fragment): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'id' || Object.hasOwn(config, 'id')));
}
