import { resolveConfig } from '../config/resolve.js';
import { systemClock } from '../core/clock.js';
import type { Provider } from '../core/provider.js';
import { redactor } from '../core/secret.js';
import type { Plugin, PluginHost } from '../plugins/plugin.js';

/**
 * The provider that a plugin adds, without a pipeline around it. The plugin's configuration is read as a pipeline reads it, from
 * its options, the variables given, and what is passed here.
 * @throws ConfigError; Error if it adds none, or several
 */
export async function providerOf(plugin: Plugin, config: Readonly<Record<string, unknown>> = {}, environment: NodeJS.ProcessEnv = {}): Promise<Provider> {
  const { id, name, config: fragment, options } = plugin;
  const { values, secrets } = resolveConfig({
    plugins: [{ id, name, fragment, options }], files: [], environment, program: [{ source: 'the program', values: { plugins: { [id]: config } } }],
  });
  const providers: Provider[] = [];
  const nothing = (): void => undefined;
  const host: PluginHost<unknown> = {
    config: values.plugins[id], logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    clock: systemClock, redact: redactor(secrets),
    addProvider: (provider) => void providers.push(provider),
    addInterceptor: nothing, addStatSink: nothing, addTransport: nothing, wrapTransport: nothing, addCommand: nothing, onDispose: nothing,
  };
  await plugin.setup(host);
  const [provider] = providers;
  if (provider === undefined || providers.length > 1) throw new Error(`The plugin "${id}" adds ${providers.length} providers; expected one.`);
  return provider;
}
