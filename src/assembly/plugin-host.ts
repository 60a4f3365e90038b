import {
  HTTP_ENDPOINT,
  INTERCEPTOR,
  LOGGER,
  NAMED_TRANSPORT,
  PLUGIN_COMMAND,
  PROVIDER,
  REDACT,
  STAT_SINK,
  TRANSPORT_WRAP,
} from './tokens.js';
import type { DependencyContainer, InjectionToken } from './container.js';
import { GIVEN_CLOCK } from './internal-tokens.js';
import { replacementOf, replacePart, resolvePart } from './parts/replace-part.js';
import { shownToken } from './parts/shown-token.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { ConfigError } from '../core/errors/classes.js';
import type { InterceptorClass, InterceptorDefinition } from '../core/interceptor.js';
import type { PluginHost, Purpose } from '../plugin-api/plugin.js';
import type { Token } from '../core/token.js';
import type { Disposer } from '../core/util/disposer.js';

export interface OpenHost extends PluginHost<Readonly<Record<string, unknown>>> {
  /** From now on everything throws that adds something. */
  seal(): void;
}

interface HostParts {
  readonly container: DependencyContainer;
  readonly disposer: Disposer;
  readonly purpose: Purpose;
  readonly isSetUp: boolean;
}

/** The configuration, of which a plugin sees its own section. */
type HostConfig = Pick<ResolvedConfig, 'values' | 'sources'>;

/** The door through which a plugin reaches the container. It never gets the container itself, nor the pipeline. */
export function pluginHost(id: string, resolved: HostConfig, assembly: HostParts): OpenHost {
  const { container, disposer } = assembly;
  let isOpen = true;
  const whileOpen =
    <A extends unknown[]>(what: string, run: (...args: A) => void) =>
    (...args: A): void => {
      if (!isOpen)
        throw new ConfigError(`Plugin "${id}" called ${what} after its setup had ended; do it inside setup.`);
      run(...args);
    };
  const addTo =
    <T>(token: InjectionToken<T>) =>
    (value: T): void =>
      void container.register<T>(token, { useValue: value });
  return {
    ...sectionOf(id, resolved),
    purpose: assembly.purpose,
    logger: container.resolve(LOGGER),
    clock: container.resolve(GIVEN_CLOCK),
    redact: container.resolve(REDACT),
    addProvider: whileOpen('addProvider', addTo(PROVIDER)),
    addInterceptor: whileOpen('addInterceptor', (interceptor) => registerInterceptor(container, interceptor)),
    addStatSink: whileOpen('addStatSink', addTo(STAT_SINK)),
    addTransport: whileOpen('addTransport', (name, make) => addTo(NAMED_TRANSPORT)({ name, make })),
    wrapTransport: whileOpen('wrapTransport', addTo(TRANSPORT_WRAP)),
    addCommand: whileOpen('addCommand', addTo(PLUGIN_COMMAND)),
    addEndpoint: whileOpen('addEndpoint', addTo(HTTP_ENDPOINT)),
    replace: whileOpen('replace', <T>(token: Token<T>, part: T) =>
      replacePart(container, { token: token as InjectionToken<T>, part, by: `plugin "${id}"` }),
    ),
    part: partsFor(id, assembly),
    replacement: (token) => () => replacementOf(container, token as InjectionToken<never>),
    onDispose: whileOpen('onDispose', (step: () => void | Promise<void>) =>
      disposer.add(step, { name: `plugin "${id}"` }),
    ),
    seal: () => {
      isOpen = false;
    },
  };
}

/** The plugin's section, and where its values come from. */
function sectionOf(id: string, { values, sources }: HostConfig): Pick<OpenHost, 'config' | 'sourceOf'> {
  return { config: values.plugins[id] ?? {}, sourceOf: (key) => sources.get(`plugins.${id}.${key}`) };
}

/** Gives parts once all plugins are set up. */
function partsFor(id: string, assembly: HostParts): OpenHost['part'] {
  return <T>(token: Token<T> | undefined) => {
    if (token === undefined) throw new ConfigError(`Plugin "${id}" asked for an undefined token. Use one of tokens.`);
    return (): T => {
      if (assembly.purpose === 'commands')
        throw new ConfigError(
          `Plugin "${id}" used ${shownToken(token)} in a command. Use the pipeline from openPipeline: the command's own host has no pipeline.`,
        );
      if (!assembly.isSetUp)
        throw new ConfigError(
          `Plugin "${id}" used ${shownToken(token)} before all plugins were set up. Call the function of host.part later.`,
        );
      return resolvePart(assembly.container, token as InjectionToken<T>);
    };
  };
}

/** A definition as it is; a class is constructed by the container, once. */
export function registerInterceptor(
  container: DependencyContainer,
  interceptor: InterceptorDefinition | InterceptorClass,
): void {
  if (typeof interceptor === 'function') container.registerSingleton<InterceptorDefinition>(INTERCEPTOR, interceptor);
  else container.register(INTERCEPTOR, { useValue: interceptor });
}
