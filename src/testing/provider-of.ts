import type { Provider } from '../core/provider.js';
import type { Plugin } from '../plugin-api/plugin.js';
import { contributionsOf, theOnly } from './contributions.js';

export interface ProvidedAlone extends Provider {
  /** Ends what its plugin has begun, once. `describeProvider` does it after each proof. */
  dispose(): Promise<void>;
}

/**
 * The provider that a plugin adds, without a pipeline around it. The plugin's configuration is read as a pipeline reads it, from
 * its options, the variables given, and what is passed here. Its `dispose` disposes the plugin.
 * @throws ConfigError; Error if it adds none, or several
 */
export async function providerOf(
  plugin: Plugin,
  config: Readonly<Record<string, unknown>> = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<ProvidedAlone> {
  const contributions = await contributionsOf(plugin, { config, environment });
  const provider = await theOnly('providers', plugin, contributions);
  return { ...methodsOf(provider), id: provider.id, dispose: contributions.dispose };
}

/** By name, so that what a later version adds to `Provider` is not forgotten here. */
const METHODS: Readonly<Record<Exclude<keyof Provider, 'id'>, true>> = {
  generate: true,
  models: true,
  knownModel: true,
  account: true,
  credits: true,
  generation: true,
  capabilities: true,
  usageOf: true,
  limitKeys: true,
};

/** What the provider can do, each bound to it: it may be an object of a class, and have a `dispose` of its own. */
function methodsOf(provider: Provider): Omit<Provider, 'id'> {
  const names = (Object.keys(METHODS) as (keyof typeof METHODS)[]).filter((name) => provider[name] !== undefined);
  return Object.fromEntries(
    names.map((name) => [name, (provider[name] as (...parts: unknown[]) => unknown).bind(provider)]),
  ) as unknown as Omit<Provider, 'id'>;
}
