import { arrange, compose } from '../core/compose.js';
import { ConfigError } from '../core/errors/classes.js';
import { reasonOf } from '../core/errors/classify.js';
import { guarded } from '../core/util/guarded.js';
import { Pipeline } from '../pipeline/pipeline.js';
import { terminalHandler } from '../pipeline/terminal-handler.js';
import { closeSinks } from '../stats/close-sinks.js';
import { resolveList } from './container.js';
import { prepare } from './options.js';
import type { PipelineOptions } from './options.js';
import { registerInterceptor } from './plugin-host.js';
import { namedPlugins, setUp } from './set-up.js';
import type { Assembly } from './set-up.js';
import {
  BUILT_IN_INTERCEPTORS,
  CLOCK,
  CONFIG,
  INTERCEPTOR,
  LOGGER,
  PROVIDER,
  RECORD_STAT,
  REDACT,
  STAT_HUB,
  TRANSPORT,
  USAGE_STATS,
} from './tokens.js';

/**
 * Builds a pipeline: imports and checks the plugins, resolves the configuration, fills a container of its own, sets the
 * plugins up in order, and composes the chain. If anything fails, what was set up is closed again.
 * @throws ConfigError
 */
export async function createPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  return setUp(options, { ...prepare(options, await namedPlugins(options)), purpose: 'pipeline' }, (assembly) => {
    for (const interceptor of options.interceptors ?? []) registerInterceptor(assembly.container, interceptor);
    return assemble(assembly);
  });
}

function assemble({ container, disposer }: Assembly): Pipeline {
  const providers = resolveList(container, PROVIDER);
  const [first] = providers;
  if (first === undefined)
    throw new ConfigError('The pipeline has no provider; add one: createPipeline({ plugins: [openrouter()] }).');
  const duplicate = providers.find(({ id }, index) => providers.findIndex((other) => other.id === id) !== index);
  if (duplicate !== undefined)
    throw new ConfigError(`Two providers have the id "${duplicate.id}"; give one of their plugins another id.`);

  const builtIn = BUILT_IN_INTERCEPTORS.map((token) => container.resolve(token));
  const arranged = arrange([...builtIn, ...resolveList(container, INTERCEPTOR)]);
  const clock = container.resolve(CLOCK);
  const transport = container.resolve(TRANSPORT);
  disposer.add(() => transport.close?.());
  const usageStats = container.resolve(USAGE_STATS);
  const hub = container.resolve(STAT_HUB);
  const parts = {
    arranged,
    usageStats,
    hub,
    disposer,
    clock,
    providers,
    transport,
    defaults: container.resolve(CONFIG).defaults,
    firstProvider: first.id,
    providerIds: providers.map(({ id }) => id),
    record: container.resolve(RECORD_STAT),
    redact: container.resolve(REDACT),
    maxAnswerBytes: container.resolve(CONFIG).limits.maxAnswerBytes,
    logger: container.resolve(LOGGER),
  };
  const pipeline = new Pipeline({ ...parts, chain: compose(arranged, terminalHandler(parts)) });
  // A sink can fail no generation, and not the end of a pipeline either.
  disposer.add(() =>
    closeSinks(hub.feeds, clock).catch(
      guarded((error: unknown) => {
        for (const failure of error instanceof AggregateError ? error.errors : [error])
          parts.logger.warn(reasonOf(failure));
      }),
    ),
  );
  return pipeline;
}
