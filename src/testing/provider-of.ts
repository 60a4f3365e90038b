import type { Provider } from '../core/provider.js';
import type { Plugin } from '../plugins/plugin.js';
import { contributionsOf, theOnly } from './contributions.js';

/**
 * The provider that a plugin adds, without a pipeline around it. The plugin's configuration is read as a pipeline reads it, from
 * its options, the variables given, and what is passed here.
 * @throws ConfigError; Error if it adds none, or several
 */
export async function providerOf(plugin: Plugin, config: Readonly<Record<string, unknown>> = {}, environment: NodeJS.ProcessEnv = {}): Promise<Provider> {
  const { providers } = await contributionsOf(plugin, { config, environment });
  return theOnly('provider', plugin, providers);
}
