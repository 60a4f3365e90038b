import { defer } from 'rxjs';
import { ConfigError } from './errors/classes.js';
import { PHASES } from './interceptor.js';
import type { Handler, InterceptorDefinition } from './interceptor.js';

/**
 * Folds definitions (in the order of `arrange`) around a terminal handler. Every step is deferred: nothing runs before
 * subscription, and an interceptor that throws becomes an error notification. Requests are frozen on the way: who changes one
 * in place is told so.
 */
export function compose(arranged: readonly InterceptorDefinition[], terminal: Handler): Handler {
  return arranged.reduceRight<Handler>(
    (next, definition) => (request) => defer(() => definition.intercept(Object.freeze(request), next)),
    (request) => defer(() => terminal(request)),
  );
}

/**
 * Sorts definitions from outer to inner: by phase, inside a phase in the given order, and those with `after` right
 * behind the neighbour they name.
 * @throws ConfigError for an unknown phase, a name that is there twice, or an `after` that names nobody of the phase.
 */
export function arrange(definitions: readonly InterceptorDefinition[]): readonly InterceptorDefinition[] {
  definitions.forEach(checkDefinition);
  return PHASES.flatMap((phase) => arrangePhase(definitions.filter((definition) => definition.phase === phase)));
}

function arrangePhase(definitions: readonly InterceptorDefinition[]): readonly InterceptorDefinition[] {
  const followersOf = (name: string | undefined): InterceptorDefinition[] =>
    definitions.filter(({ after }) => after === name).flatMap((leader) => [leader, ...followersOf(leader.name)]);
  const arranged = followersOf(undefined);
  const lost = definitions.find((definition) => !arranged.includes(definition));
  if (lost !== undefined) {
    const known = definitions.filter((definition) => definition !== lost).map(({ name }) => name);
    throw new ConfigError(
      `Interceptor "${lost.name}" is to come after "${lost.after ?? ''}", which is not placed in phase "${lost.phase}"; known there: ${known.join(', ') || 'none'}.`,
    );
  }
  return arranged;
}

function checkDefinition(
  definition: InterceptorDefinition,
  index: number,
  all: readonly InterceptorDefinition[],
): void {
  const { name, phase, intercept } = definition;
  if (!PHASES.includes(phase)) {
    throw new ConfigError(`Interceptor "${name}" names the phase "${phase}"; the phases are ${PHASES.join(', ')}.`);
  }
  if (typeof intercept !== 'function') {
    throw new ConfigError(`Interceptor "${name}" has no function "intercept(request, next)".`);
  }
  if (all.findIndex((other) => other.name === name) !== index) {
    throw new ConfigError(`Two interceptors are called "${name}"; give one of them another name.`);
  }
}
