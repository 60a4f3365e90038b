import { allKeys } from '../config/keys.js';
import type { JsonSchema } from '../config/formats.js';
import { jsonSchemaOf } from '../config/json-schema.js';
import { orderPlugins } from '../plugin-api/order.js';
import { configSources } from './options.js';
import type { PipelineOptions } from './options.js';
import { namedPlugins } from './set-up.js';

/**
 * The JSON Schema of a configuration file for these plugins and those that the options load, made of the definitions by which the
 * configuration is checked. Editors use it to complete and check files.
 * @throws ConfigError if a plugin cannot be loaded
 * @example
 * await writeFile('schema.json', JSON.stringify(await configSchema({ plugins: [openrouter()] })));
 */
export async function configSchema(
  options: Pick<PipelineOptions, 'plugins' | 'configFiles' | 'environment'>,
): Promise<JsonSchema> {
  const plugins = orderPlugins([...(options.plugins ?? []), ...(await namedPlugins(options))]);
  return jsonSchemaOf(allKeys(configSources(options, plugins).plugins));
}
