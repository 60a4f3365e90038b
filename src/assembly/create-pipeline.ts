import { arrange, compose } from '../core/compose.js';
import { reasonOf } from '../core/errors/classify.js';
import type { InterceptorDefinition } from '../core/interceptor.js';
import type { Logger } from '../core/ports.js';
import { guarded } from '../core/util/guarded.js';
import { ComposedPipeline } from '../pipeline/composed-pipeline.js';
import { guardedInterceptor } from '../pipeline/guarded-interceptor.js';
import type { GuardParts } from '../pipeline/guarded-interceptor.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { terminalHandler } from '../pipeline/terminal-handler.js';
import { closeSinks } from '../stats/close-sinks.js';
import { resolveList } from './container.js';
import type { DependencyContainer } from './container.js';
import {
  BUILT_IN_INTERCEPTORS,
  FAULTS,
  PARTS,
  PROVIDERS,
  REPLACEMENTS,
  STAT_HUB,
  SWITCHED_OFF,
} from './internal-tokens.js';
import { prepare } from './options.js';
import type { PipelineOptions } from './options.js';
import { recordStatOf } from './parts/guarded-parts.js';
import { registerInterceptor } from './plugin-host.js';
import { namedPlugins, setUp } from './set-up.js';
import type { Assembly } from './set-up.js';
import { CLOCK, CONFIG, HTTP_ENDPOINT, INTERCEPTOR, LOGGER, RANDOM, REDACT, TRANSPORT, USAGE_STATS } from './tokens.js';

/**
 * Builds a pipeline: imports and checks the plugins, resolves the configuration, fills a container of its own, sets the
 * plugins up in order, and composes the chain. If anything fails, everything set up before is closed again.
 * @throws ConfigError naming every problem of the configuration with its remedy
 * @see docs/configuration.md, docs/plugins.md
 * @example
 * const pipeline = await createPipeline({
 *   plugins: [openrouter()],
 *   config: { retry: { maxAttempts: 6 } },
 * });
 */
export async function createPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  return setUp(options, { ...prepare(options, await namedPlugins(options)), purpose: 'pipeline' }, (assembly) => {
    for (const interceptor of options.interceptors ?? []) registerInterceptor(assembly.container, interceptor);
    return assemble(assembly);
  });
}

function assemble({ container, disposer }: Assembly): Pipeline {
  const providers = container.resolve(PROVIDERS);
  const clock = container.resolve(CLOCK);
  const report = container.resolve(FAULTS);
  const arranged = arrangedChain(container, {
    report,
    clock,
    deadlineMs: container.resolve(CONFIG).timeouts.deadlineMs,
  });
  const transport = container.resolve(TRANSPORT);
  disposer.add(() => transport.close?.(), { name: 'the transport' });
  const hub = container.resolve(STAT_HUB);
  const replaceable = container.resolve(PARTS);
  disposer.add(() => replaceable.end());
  const parts = {
    arranged,
    report,
    hub,
    disposer,
    clock,
    random: container.resolve(RANDOM),
    providers,
    transport,
    replaceable,
    endpoints: resolveList(container, HTTP_ENDPOINT),
    usageStats: container.resolve(USAGE_STATS),
    defaults: container.resolve(CONFIG).defaults,
    budget: container.resolve(CONFIG).budget,
    config: container.resolve(CONFIG),
    record: recordStatOf(container),
    redact: container.resolve(REDACT),
    maxAnswerBytes: container.resolve(CONFIG).limits.maxAnswerBytes,
    logger: container.resolve(LOGGER),
  };
  const pipeline = new ComposedPipeline({ ...parts, chain: compose(arranged, terminalHandler(parts)) });
  disposer.add(() => closeSinks(hub.feeds, clock).catch(logFailures(parts.logger)), { isBounded: true });
  return pipeline;
}

/** Arranges all built-in interceptors, so that `after` may name any of them, and leaves out those that are switched off. */
function arrangedChain(container: DependencyContainer, guard: GuardParts): readonly InterceptorDefinition[] {
  const replacements = container.resolve(REPLACEMENTS);
  const replaced: InterceptorDefinition[] = [];
  const builtIn = BUILT_IN_INTERCEPTORS.map((token) => {
    const definition = container.resolve(token);
    if (replacements.of(token) !== undefined) replaced.push(definition);
    return definition;
  });
  const added = resolveList(container, INTERCEPTOR);
  const foreign = new Set([...replaced, ...added]);
  const off = container.resolve(SWITCHED_OFF);
  const left = new Set(builtIn.filter((definition) => off.has(definition.name) && !foreign.has(definition)));
  return arrange([...builtIn, ...added])
    .filter((definition) => !left.has(definition))
    .map((definition) =>
      foreign.has(definition) ? guardedInterceptor(definition, guard, replaced.includes(definition)) : definition,
    );
}

/** Logs why sinks could not be closed. A sink can never fail a generation, nor the end of a pipeline. */
function logFailures(logger: Logger): (error: unknown) => void {
  return guarded((error: unknown) => {
    for (const failure of error instanceof AggregateError ? error.errors : [error]) logger.warn(reasonOf(failure));
  });
}
