import type { ConfigInput } from '../config/base-schema.js';
import { resolveConfig } from '../config/resolve.js';
import type { ConfigLayer, ConfigSources, ResolvedConfig } from '../config/resolve.js';
import type { DependencyContainer } from './container.js';
import type { InterceptorClass, InterceptorDefinition } from '../core/interceptor.js';
import { orderPlugins } from '../plugin-api/order.js';
import type { Plugin } from '../plugin-api/plugin.js';

export interface PipelineOptions {
  readonly plugins?: readonly Plugin[] | undefined;
  /** Definitions, or classes that the pipeline's container constructs. */
  readonly interceptors?: readonly (InterceptorDefinition | InterceptorClass)[] | undefined;
  /** The strongest layer of the configuration, above the environment and the options of the plugins' factories. */
  readonly config?: ConfigInput | undefined;
  /** Layers below the environment, weakest first: `loadConfig({ files })`. */
  readonly configFiles?: readonly ConfigLayer[] | undefined;
  /** By default the process's own. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The application's container: the pipeline's becomes its child, and interceptors get the application's services. */
  readonly container?: DependencyContainer | undefined;
  /** Replaces any part by its token, before the defaults are filled in. */
  readonly register?: ((container: DependencyContainer) => void) | undefined;
}

/** Options to which a command has added the strongest layers of the configuration. */
export interface LayeredOptions extends PipelineOptions {
  readonly added?: readonly ConfigLayer[];
}

/** Plugins in order, with the configuration they and the base agree on. */
export interface Prepared {
  readonly plugins: readonly Plugin[];
  readonly resolved: ResolvedConfig;
}

/** Orders the plugins and resolves the configuration, without setting anything up. @throws ConfigError */
export function prepare(options: PipelineOptions, loaded: readonly Plugin[]): Prepared {
  const plugins = orderPlugins([...(options.plugins ?? []), ...loaded]);
  return { plugins, resolved: resolveConfig(configSources(options, plugins)) };
}

/** The sources of the configuration that these options name. @param plugins the options' own, and those named in `load` */
export function configSources(
  { config, configFiles, environment, plugins: own = [], added = [] }: LayeredOptions,
  plugins: readonly Plugin[],
): ConfigSources {
  return {
    plugins: plugins.map((plugin) => {
      const { name, id, config: fragment, options, environment: variables } = plugin;
      return { name, id, fragment, options, variables, isLoaded: !own.includes(plugin) };
    }),
    files: configFiles ?? [],
    environment: environment ?? process.env,
    program: [...(config === undefined ? [] : [{ source: 'createPipeline({ config })', values: config }]), ...added],
  };
}
