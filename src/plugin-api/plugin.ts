import { maskSecrets } from '../config/fragment.js';
import type { ConfigOf, Entry, Fragment } from '../config/fragment.js';
import { isUsableName } from '../config/names.js';
import { shown } from '../config/shown.js';
import type { Clock } from '../core/clock.js';
import { ConfigError } from '../core/errors/classes.js';
import type { InterceptorClass, InterceptorDefinition } from '../core/interceptor.js';
import type { Logger, Redact } from '../core/ports.js';
import type { Provider } from '../core/provider.js';
import type { StatSink } from '../core/stats.js';
import type { Transport, TransportWrap } from '../core/transport.js';

/** What plugins are set up for. */
export type Purpose = 'pipeline' | 'commands';

/** What a plugin may add to the pipeline. Open only while `setup` runs. */
export interface PluginHost<Config> {
  /** The plugin's own section, validated. */
  readonly config: Config;
  /** What it is set up for: a pipeline, or its commands alone. Then nothing is generated; another program may run beside it, whose ports and locks are to be left alone. */
  readonly purpose: Purpose;
  readonly logger: Logger;
  /** The pipeline's clock, for whatever the plugin times. */
  readonly clock: Clock;
  /** Masks every secret of the configuration, other plugins' included, in a text that is to be kept or shown. Secrets themselves are told to nobody. */
  readonly redact: Redact;
  addProvider(provider: Provider): void;
  /** A definition, or a class that the pipeline's container constructs. */
  addInterceptor(interceptor: InterceptorDefinition | InterceptorClass): void;
  addStatSink(sink: StatSink): void;
  /** Offers a transport, made when the configuration's `transport` names it. */
  addTransport(name: string, make: () => Transport): void;
  /** Puts something around the transport: recording, signing, extra headers. The wrap of a later plugin is further out. */
  wrapTransport(wrap: TransportWrap): void;
  /** Adds a command to the `scriptorium` program. */
  addCommand(command: PluginCommand): void;
  /** Runs when the pipeline is disposed, the last one added first. */
  onDispose(run: () => void | Promise<void>): void;
}

/** What `definePlugin` needs. Only `name`, `apiVersion` and `setup` have to be there. */
export interface PluginManifest<F extends Fragment> {
  /** The kind: `[a-z][a-z0-9-]*`. */
  readonly name: string;
  /** This instance, where there may be several; by default the name. Its configuration is `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly apiVersion: 1;
  /** Ids of plugins that must be there and are set up before this one. */
  readonly dependsOn?: readonly string[];
  /** The plugin's configuration keys. */
  readonly config?: F;
  /** What was passed to the plugin's factory: the lowest layer of its configuration. An `id` in it is passed over. */
  readonly options?: { readonly [K in keyof F]?: unknown };
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
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each plugin's own configuration, typed in `definePlugin`
  setup(host: PluginHost<any>): void | Promise<void>;
}

/** The version of this contract. A plugin written for another one is refused. */
export const PLUGIN_API_VERSION = 1;

/**
 * A named bundle of providers, interceptors and sinks with its own piece of configuration. The type of `host.config` is
 * read off the `config` fragment.
 * @throws ConfigError for a name or id that is not `[a-z][a-z0-9-]*`, for one that is reserved, and for keys that are
 * no plain names
 */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- without a fragment there is no configuration
export function definePlugin<const F extends Fragment = Record<never, Entry>>(manifest: PluginManifest<F>): Plugin {
  const { name, id = name, apiVersion, dependsOn = [], config = {} as F, options = {} } = manifest;
  checkName('name', name);
  checkName('id', id);
  for (const key of Object.keys(config)) {
    if (!isUsableName(key))
      throw new ConfigError(
        `Plugin "${id}" has a configuration key called "${key}"; that name is reserved, take another.`,
      );
    if (!/^[A-Za-z]\w*$/.test(key))
      throw new ConfigError(
        `Plugin "${id}" has a configuration key called "${key}"; keys are letters, digits and underscores, such as "maxItems".`,
      );
  }
  return {
    name,
    id,
    apiVersion,
    dependsOn,
    config,
    options: maskSecrets(config, withoutId(options, config)),
    setup: (host: PluginHost<ConfigOf<F>>) => manifest.setup(host),
  };
}

function checkName(what: 'name' | 'id', value: unknown): void {
  if (typeof value !== 'string' || !/^[a-z][a-z0-9-]*$/.test(value)) {
    throw new ConfigError(
      `The plugin ${what} ${shown(value)} must be lower-case letters, digits and dashes, beginning with a letter, such as "my-plugin".`,
    );
  }
  if (!isUsableName(value)) throw new ConfigError(`The plugin ${what} "${value}" is reserved; take another.`);
}

/** Factories hand their options on as they are, and the id among them is the instance's, not a key's. */
function withoutId(options: object, config: Fragment): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'id' || Object.hasOwn(config, 'id')));
}

/** A command that a plugin adds to the `scriptorium` program. */
export interface PluginCommand {
  /** `scriptorium <name> …` */
  readonly name: string;
  /** One line for the help. */
  readonly description: string;
  /** @param args what follows the name on the command line. Gives the exit code. */
  run(args: readonly string[]): Promise<number>;
}
