import { describeValues } from '../config/describe.js';
import type { ConfigLine } from '../config/describe.js';
import { jsonSchemaOf } from '../config/json-schema.js';
import { examine } from '../config/resolve.js';
import { ConfigError } from '../core/errors/classes.js';
import { orderPlugins } from '../plugin-api/order.js';
import { configSources } from './options.js';
import type { PipelineOptions } from './options.js';
import { namedPlugins } from './set-up.js';

/** A configuration as it was found. */
export interface ConfigDescription {
  /** Every key with its value, right or wrong, and its source. Secrets are masked. */
  readonly lines: readonly ConfigLine[];
  /** The reasons for which `createPipeline` would reject it, one sentence each; empty if it would not. */
  readonly problems: readonly string[];
  /** Makes the JSON Schema of configuration files, with the sections of these plugins. Editors complete and check files by it. */
  readonly schema: () => Readonly<Record<string, unknown>>;
}

/** The configuration that `createPipeline` would use with these options, as far as it can be made out. */
export async function describeConfig(options: PipelineOptions): Promise<ConfigDescription> {
  const problems: string[] = [];
  const orNote =
    <T>(otherwise: T) =>
    (error: unknown): T => {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(error.message);
      return otherwise;
    };
  const loaded = await namedPlugins(options).catch(orNote([]));
  const plugins = await Promise.resolve([...(options.plugins ?? []), ...loaded])
    .then(orderPlugins)
    .catch(orNote(options.plugins ?? []));
  const found = examine(configSources(options, plugins));
  return {
    lines: describeValues(found),
    problems: [...problems, ...found.problems],
    schema: () => jsonSchemaOf(found.keys),
  };
}
