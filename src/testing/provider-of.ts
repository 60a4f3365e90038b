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
  return { ...partsOf(provider), id: provider.id, dispose: contributions.dispose };
}

/** By name, so that what a later version adds to `Provider` is not forgotten here. */
const PARTS: Readonly<Record<Exclude<keyof Provider, 'id'>, true>> = {
  generate: true,
  capabilities: true,
  limitKeys: true,
  credentials: true,
  billing: true,
  defaultModel: true,
  catalogue: true,
  account: true,
};

/** Copies the provider's parts, methods bound to it: it may be an object of a class, with a `dispose` of its own. */
function partsOf(provider: Provider): Omit<Provider, 'id'> {
  const names = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((name) => provider[name] !== undefined);
  const bound = (name: keyof typeof PARTS): unknown => {
    const part: unknown = Reflect.get(provider, name);
    return typeof part === 'function' ? (part.bind(provider) as unknown) : part;
  };
  return Object.fromEntries(names.map((name) => [name, bound(name)])) as unknown as Omit<Provider, 'id'>;
}
