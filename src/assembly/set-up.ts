import { loadListOf } from '../config/load-list.js';
import type { PipelineConfig } from '../config/base-schema.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { ConfigError } from '../core/errors/classes.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { scrubbed } from '../core/errors/scrub.js';
import type { Logger, Redact } from '../core/ports.js';
import { redactor } from '../core/redaction/redactor.js';
import { Disposer } from '../core/util/disposer.js';
import { withinTime } from '../core/util/within-time.js';
import { guardedLogger } from '../logging/guarded-logger.js';
import { redactingLogger } from '../logging/redacting-logger.js';
import { withFailuresAsInfo } from '../logging/failures-as-info.js';
import { loadPlugins } from '../plugin-api/load.js';
import type { Plugin, Purpose } from '../plugin-api/plugin.js';
import { closeSinks } from '../stats/close-sinks.js';
import { proxiesOf } from '../transport/proxy/proxies.js';
import { resolveList, rootContainer } from './container.js';
import type { DependencyContainer } from './container.js';
import { registerDefaults } from './defaults.js';
import {
  BUILT_IN_INTERCEPTORS,
  FAULTS,
  GENERATION_LOGGER,
  GIVEN_CLOCK,
  PROXIES,
  REPLACEMENTS,
  SWITCHED_OFF,
} from './internal-tokens.js';
import { configSources } from './options.js';
import type { PipelineOptions, Prepared } from './options.js';
import { pluginHost } from './plugin-host.js';
import { switchedOff } from './switched-off.js';
import { PORTS } from './parts/ports.js';
import { PROGRAM, Replacements } from './parts/replacements.js';
import { soundClock, soundRandom } from './parts/sound-clock.js';
import { CLOCK, CONFIG, LOGGER, RANDOM, REDACT, STAT_SINK } from './tokens.js';

/** The time limit of a plugin's `setup`. */
const SETUP_MS = 30_000;

/** The container that holds a pipeline's parts, and the disposer that closes them. */
export interface Assembly {
  readonly container: DependencyContainer;
  readonly disposer: Disposer;
  readonly purpose: Purpose;
  /** Whether all plugins are set up, so that parts can be resolved. */
  isSetUp: boolean;
}

/** The plugins that the configuration names in `load`. @throws ConfigError */
export async function namedPlugins(options: PipelineOptions): Promise<readonly Plugin[]> {
  const { specifiers, source } = loadListOf(configSources(options, []));
  return loadPlugins(specifiers, source);
}

/**
 * Fills a container of its own, sets the plugins up in order, and makes something of it. If anything fails, what was set
 * up is closed again.
 * @throws ConfigError
 */
export async function setUp<T>(
  options: PipelineOptions,
  { plugins, resolved, purpose }: Prepared & Pick<Assembly, 'purpose'>,
  make: (assembly: Assembly) => T,
): Promise<T> {
  const assembly: Assembly = {
    container: (options.container ?? rootContainer).createChildContainer(),
    disposer: new Disposer(),
    purpose,
    isSetUp: false,
  };
  const { container, disposer } = assembly;
  disposer.add(() => container.dispose(), { name: 'the container' });
  try {
    await fill(container, resolved, options);
    for (const plugin of plugins) await setUpPlugin(plugin, resolved, assembly);
    assembly.isSetUp = true;
    return make(assembly);
  } catch (error) {
    disposer.add(() => closeSinks(resolveList(container, STAT_SINK), container.resolve(CLOCK)), { isBounded: true });
    const clock = container.isRegistered(CLOCK) ? container.resolve(CLOCK) : undefined;
    await disposer.dispose(clock).catch(() => undefined);
    throw scrubbed(asConfigError(error), redactor(resolved.secrets));
  }
}

/** Errors while the parts are put together come from how they were registered. */
function asConfigError(error: unknown): GenerationError {
  if (GenerationError.is(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  // tsyringe knows only the classes that were decorated by its own copy.
  const remedy = reason.includes('TypeInfo not known')
    ? '. Decorate the class with injectable() of "scriptorium". If it is, there are two copies of tsyringe or scriptorium: see npm ls scriptorium tsyringe.'
    : '';
  return new ConfigError(`The pipeline cannot be put together: ${reason}${remedy}`, { cause: error });
}

/** The user's own registrations first: what they replace is not made. A logger of the user's is given lines without secrets. */
async function fill(
  container: DependencyContainer,
  { values, secrets }: ResolvedConfig,
  { register, environment = process.env }: PipelineOptions,
): Promise<void> {
  container.register(CONFIG, { useValue: values });
  const proxies = proxiesOf(values.proxy, environment);
  container.register(PROXIES, { useValue: proxies });
  container.register(REDACT, { useValue: redactor([...secrets, ...proxies.secrets]) });
  register?.(container);
  const replacements = new Replacements();
  for (const token of [...Object.values(PORTS).map((port) => port.token), ...BUILT_IN_INTERCEPTORS])
    if (container.isRegistered<unknown>(token)) replacements.add(token, PROGRAM);
  container.register(REPLACEMENTS, { useValue: replacements });
  container.register(SWITCHED_OFF, { useValue: switchedOff(values, container) });
  registerDefaults(container);
  const redact = container.resolve(REDACT);
  const given = container.isRegistered(LOGGER) ? container.resolve(LOGGER) : undefined;
  const logger = given === undefined ? await ownLogger(values.logging, redact) : redactingLogger(given, redact);
  const guarded = guardedLogger(logger, given, redact);
  container.register(LOGGER, { useValue: guarded });
  const isQuiet = given === undefined && !values.logging.failures;
  container.register(GENERATION_LOGGER, { useValue: isQuiet ? withFailuresAsInfo(guarded) : guarded });
  const report = container.resolve(FAULTS);
  const clock = container.resolve(CLOCK);
  container.register(GIVEN_CLOCK, { useValue: clock });
  container.register(CLOCK, { useValue: soundClock(clock, report) });
  container.register(RANDOM, { useValue: soundRandom(container.resolve(RANDOM), report) });
}

/** Winston is loaded only where something may be logged. */
async function ownLogger(settings: PipelineConfig['logging'], redact: Redact): Promise<Logger> {
  if (settings.level === 'silent') return SILENT;
  const { winstonLogger } = await import('../logging/winston-logger.js');
  return winstonLogger(settings, redact);
}

const nothing = (): void => undefined;
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

async function setUpPlugin(plugin: Plugin, resolved: ResolvedConfig, assembly: Assembly): Promise<void> {
  const host = pluginHost(plugin.id, resolved, assembly);
  const setup = Promise.resolve().then(async () => {
    await plugin.setup(host);
    return true;
  });
  setup.catch(() => undefined);
  try {
    const isInTime = await withinTime(setup, {
      clock: assembly.container.resolve(CLOCK),
      ms: SETUP_MS,
      otherwise: false,
    });
    if (!isInTime) throw new ConfigError(`it took longer than ${SETUP_MS / 1000} s`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`Plugin "${plugin.id}" failed to set up: ${reason}`, { cause: error });
  } finally {
    host.seal();
  }
}
