import { describeValues } from '../config/describe.js';
import type { ConfigLine } from '../config/describe.js';
import { loadListOf } from '../config/load-list.js';
import { loadPlugins } from '../plugins/load.js';
import { configSources, prepare } from './prepare.js';
import type { PipelineOptions } from './prepare.js';

/** The configuration that `createPipeline` would use with these options, with the source of every value and secrets masked. @throws ConfigError */
export async function describeConfig(options: PipelineOptions): Promise<readonly ConfigLine[]> {
  const { specifiers, source } = loadListOf(configSources(options, []));
  const { plugins, resolved } = prepare(options, await loadPlugins(specifiers, source));
  return describeValues(resolved, configSources(options, plugins).plugins);
}
