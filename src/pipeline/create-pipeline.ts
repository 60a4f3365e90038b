import type { PipelineConfig } from '../config/base-schema.js';
import { loadListOf } from '../config/load-list.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { registerDefaults } from '../container/defaults.js';
import { resolveList } from '../container/resolve-list.js';
import {
  BUILT_IN_INTERCEPTORS, CLOCK, CONFIG, INTERCEPTOR, LOGGER, PLUGIN_COMMAND, PROVIDER, RECORD_STAT, REDACT, STAT_SINK, TRANSPORT, USAGE_STATS,
} from '../container/tokens.js';
import { rootContainer } from '../container/tsyringe.js';
import type { DependencyContainer } from '../container/tsyringe.js';
import { arrange, compose } from '../core/compose.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { ConfigError } from '../core/errors/kin.js';
import { redactor } from '../core/secret.js';
import { withinTime } from '../core/within-time.js';
import { redactingLogger } from '../logging/redacting-logger.js';
import { winstonLogger } from '../logging/winston-logger.js';
import { loadPlugins } from '../plugins/load.js';
import type { Plugin } from '../plugins/plugin.js';
import { closeSinks } from './close-sinks.js';
import { Disposer } from './disposer.js';
import { Pipeline } from './pipeline.js';
import { pluginHost, registerInterceptor } from './plugin-host.js';
import { configSources, prepare } from './prepare.js';
import type { PipelineOptions } from './prepare.js';
import { scrubbed } from './scrub.js';
import { terminalHandler } from './terminal-handler.js';

/** How long a plugin's `setup` may take. */
const SETUP_MS = 30_000;

/**
 * Builds a pipeline: imports and checks the plugins, resolves the configuration, fills a container of its own, sets the
 * plugins up in order, and composes the chain. If anything fails, what was set up is closed again.
 * @throws ConfigError
 */
export async function createPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const { specifiers, source } = loadListOf(configSources(options, []));
  const { plugins, resolved } = prepare(options, await loadPlugins(specifiers, source));
  const container = (options.container ?? rootContainer).createChildContainer();
  const disposer = new Disposer();
  disposer.add(() => container.dispose());
  try {
    fill(container, resolved, options);
    for (const plugin of plugins) await setUp(plugin, resolved.values, { container, disposer });
    for (const interceptor of options.interceptors ?? []) registerInterceptor(container, interceptor);
    return assemble(container, disposer);
  } catch (error) {
    disposer.add(() => closeSinks(resolveList(container, STAT_SINK)));
    await disposer.dispose().catch(() => undefined);
    throw scrubbed(asConfigError(error), redactor(resolved.secrets));
  }
}

/** What is thrown while the parts are put together is a matter of how they were registered. */
function asConfigError(error: unknown): GenerationError {
  if (GenerationError.is(error)) return error;
  return new ConfigError(`The pipeline cannot be put together: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** The user's own registrations first: what they replace is not made. A logger of the user's is given lines without secrets. */
function fill(container: DependencyContainer, { values, secrets }: ResolvedConfig, { register }: PipelineOptions): void {
  container.register(CONFIG, { useValue: values });
  container.register(REDACT, { useValue: redactor(secrets) });
  register?.(container);
  registerDefaults(container);
  const redact = container.resolve(REDACT);
  if (container.isRegistered(LOGGER)) {
    container.register(LOGGER, { useValue: redactingLogger(container.resolve(LOGGER), redact) });
  } else {
    container.register(LOGGER, { useValue: winstonLogger(values.logging, redact) });
  }
}

async function setUp(plugin: Plugin, { plugins }: PipelineConfig, parts: { container: DependencyContainer; disposer: Disposer }): Promise<void> {
  const host = pluginHost(plugin.id, plugins[plugin.id] ?? {}, parts);
  const setup = Promise.resolve().then(async () => {
    await plugin.setup(host);
    return true;
  });
  setup.catch(() => undefined);
  try {
    const isInTime = await withinTime(setup, { clock: parts.container.resolve(CLOCK), ms: SETUP_MS, otherwise: false });
    if (!isInTime) throw new ConfigError(`it took longer than ${SETUP_MS / 1000} s`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`Plugin "${plugin.id}" failed to set up: ${reason}`, { cause: error });
  } finally {
    host.seal();
  }
}

function assemble(container: DependencyContainer, disposer: Disposer): Pipeline {
  const providers = resolveList(container, PROVIDER);
  const [first] = providers;
  if (first === undefined) throw new ConfigError('The pipeline has no provider; add one: createPipeline({ plugins: [openrouter()] }).');
  const duplicate = providers.find(({ id }, index) => providers.findIndex((other) => other.id === id) !== index);
  if (duplicate !== undefined) throw new ConfigError(`Two providers have the id "${duplicate.id}"; give one of their plugins another id.`);

  const builtIn = BUILT_IN_INTERCEPTORS.map((token) => container.resolve(token));
  const arranged = arrange([...builtIn, ...resolveList(container, INTERCEPTOR)]);
  const clock = container.resolve(CLOCK);
  const transport = container.resolve(TRANSPORT);
  disposer.add(() => transport.close?.());
  const usageStats = container.resolve(USAGE_STATS);
  const parts = {
    arranged, usageStats, disposer, clock, providers, transport,
    commands: resolveList(container, PLUGIN_COMMAND),
    defaults: container.resolve(CONFIG).defaults,
    firstProvider: first.id,
    record: container.resolve(RECORD_STAT),
    redact: container.resolve(REDACT),
  };
  const pipeline = new Pipeline({ ...parts, chain: compose(arranged, terminalHandler(parts)) });
  disposer.add(() => closeSinks([usageStats, ...resolveList(container, STAT_SINK)]));
  return pipeline;
}
