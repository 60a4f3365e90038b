import { from, Observable, Subscriber } from 'rxjs';
import type { Observer, Subscription } from 'rxjs';
import { ConfigError } from './errors/classes.js';
import type { GenerationEvent } from './events.js';
import { PHASES } from './interceptor.js';
import type { Handler, InterceptorDefinition } from './interceptor.js';
import { keepState } from './state.js';

/**
 * Folds arranged definitions around a terminal handler. Every step is lazy: nothing runs before subscription, each
 * subscription runs the interceptor again, and an interceptor that throws becomes an error notification. Requests are
 * frozen: mutating one throws. A request that an interceptor builds afresh still belongs to its generation.
 */
export function compose(arranged: readonly InterceptorDefinition[], terminal: Handler): Handler {
  return arranged.reduceRight<Handler>(
    (next, definition) => (request) =>
      new Step(() => definition.intercept(Object.freeze(request), (asked) => next(keepState(request, asked)))),
    (request) => new Step(() => terminal(request)),
  );
}

/**
 * One step of the chain, made when it is subscribed to. It does what RxJS's `defer` does, but hands a subscriber from
 * further out straight to the stream it opens: a step costs one stack frame instead of six, and nothing an event.
 */
class Step extends Observable<GenerationEvent> {
  constructor(private readonly open: () => Observable<GenerationEvent>) {
    super((subscriber) => from(open()).subscribe(subscriber));
  }

  override subscribe(
    observer?: Partial<Observer<GenerationEvent>> | ((event: GenerationEvent) => void) | null,
    ...handlers: [error?: ((error: unknown) => void) | null, complete?: (() => void) | null]
  ): Subscription {
    // Anything else, a subscriber of another copy of RxJS included, takes the usual way.
    if (!(observer instanceof Subscriber)) {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- an old form that users' interceptors may still call
      return super.subscribe(observer as (event: GenerationEvent) => void, ...handlers);
    }
    let events: Observable<GenerationEvent>;
    try {
      events = from(this.open());
    } catch (error) {
      observer.error(error);
      return observer;
    }
    return events.subscribe(observer);
  }
}

/**
 * Sorts interceptors from outer to inner: by phase, then in the given order. An interceptor with `after` is placed
 * directly behind the one that it names.
 * @throws ConfigError for an unknown phase, a missing function, a duplicate name, or an `after` that does not name
 * another interceptor of the phase.
 */
export function arrange(definitions: readonly InterceptorDefinition[]): readonly InterceptorDefinition[] {
  definitions.forEach(checkDefinition);
  const names = definitions.map(({ name }) => name);
  return PHASES.flatMap((phase) =>
    arrangePhase(
      definitions.filter((definition) => definition.phase === phase),
      names,
    ),
  );
}

/** Former interceptors that are gates of `admission` now. */
const GATES_OF_ADMISSION: readonly string[] = ['breaker', 'rate-limit', 'concurrency', 'budget'];

function arrangePhase(
  definitions: readonly InterceptorDefinition[],
  names: readonly string[],
): readonly InterceptorDefinition[] {
  const followersOf = (name: string | undefined): InterceptorDefinition[] =>
    definitions.filter(({ after }) => after === name).flatMap((leader) => [leader, ...followersOf(leader.name)]);
  const arranged = followersOf(undefined);
  const unplaced = definitions.find((definition) => !arranged.includes(definition));
  if (unplaced !== undefined) {
    const { name, after = '', phase } = unplaced;
    const others = definitions.filter((definition) => definition !== unplaced).map((other) => other.name);
    const hint =
      GATES_OF_ADMISSION.includes(after) && !names.includes(after) ? ` "${after}" is now a gate of "admission".` : '';
    throw new ConfigError(
      `Cannot place interceptor "${name}" after "${after}" in phase "${phase}": "after" must name another interceptor of that phase, without a cycle. Others there: ${others.join(', ') || 'none'}.${hint}`,
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
    throw new ConfigError(`Interceptor "${name}" has the unknown phase "${phase}". Use one of: ${PHASES.join(', ')}.`);
  }
  if (typeof intercept !== 'function') {
    throw new ConfigError(`Interceptor "${name}" has no function "intercept(request, next)".`);
  }
  if (all.findIndex((other) => other.name === name) !== index) {
    throw new ConfigError(`Two interceptors are named "${name}". Rename one of them.`);
  }
}
