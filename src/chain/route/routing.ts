import { concat, defer, of, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../../core/clock.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import { routeName, SESSION } from '../../core/routes.js';
import type { RouteChoice, Routes } from '../../core/routes.js';
import type { RoutingSettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import type { GenerationState } from '../../core/state.js';
import { chooseRoute } from './choose-route.js';
import type { RoutingInput } from './choose-route.js';

/** Dependencies of `routing`. */
export interface RoutingParts extends Pick<RoutingInput, 'knownModel' | 'speeds'> {
  readonly routes: Routes;
  readonly routing: RoutingSettings;
  readonly clock: Clock;
}

/** Maximum number of remembered sessions. */
const MOST_SESSIONS = 1_000;

/**
 * Chooses the first route of a generation and the order in which `fallback`, further in, tries the others. It does so
 * once per generation: the cheapest or the fastest of the allowed models, and none above the price cap. A plain list of
 * routes without a cap passes unchanged. Sends nothing: it uses known prices and the measurements so far.
 *
 * Generations with the same value of the session label stay with the model chosen for the first of them while it
 * answers; another model would have to read the whole prompt again, at the full price. A `route-chosen` event
 * reports the choice.
 * @see docs/limits.md
 */
export function routing(parts: RoutingParts): InterceptorDefinition {
  const choices = new WeakMap<GenerationState, RouteChoice>();
  const pins = new SessionPins(MOST_SESSIONS);
  return {
    name: 'routing',
    phase: 'route',
    intercept: (request, next) => {
      const routes = request.overrides.routes ?? parts.routes;
      const settings = { ...parts.routing, ...request.overrides.routing };
      const isCapped = settings.maxPromptPrice > 0 || settings.maxCompletionPrice > 0;
      if (typeof routes !== 'string' && !isCapped) return next(request);
      return defer(() => {
        const session = typeof routes === 'string' ? sessionOf(request, settings) : undefined;
        const state = stateOf(request);
        const known = choices.get(state);
        const choice =
          known ??
          chooseRoute(request, {
            ...parts,
            routes,
            settings,
            now: parts.clock.now(),
            pinned: pinnedRoute(pins, session),
          });
        choices.set(state, choice);
        if (known === undefined && session !== undefined) pins.set(session, routeName(choice.chosen));
        const along = onRoute(choice, session, { request, next });
        const events = session === undefined ? along : along.pipe(pinning(pins, session));
        return known === undefined ? concat(of<GenerationEvent>({ type: 'route-chosen', ...choice }), events) : events;
      });
    },
  };
}

function sessionOf({ labels }: GenerationRequest, { sessionLabel }: RoutingSettings): string | undefined {
  const value = labels[sessionLabel];
  return value === '' ? undefined : value;
}

function pinnedRoute(pins: SessionPins, session: string | undefined): RoutingInput['pinned'] {
  const route = session === undefined ? undefined : pins.get(session);
  return route === undefined || session === undefined ? undefined : { route, session };
}

interface Call {
  readonly request: GenerationRequest;
  readonly next: Handler;
}

/** Sends the request to the chosen route; `fallback` gets the others. */
function onRoute(
  { chosen, considered }: RouteChoice,
  session: string | undefined,
  { request, next }: Call,
): Observable<GenerationEvent> {
  const others = considered
    .filter(({ leftOut }) => leftOut === undefined)
    .slice(1)
    .map(({ provider, model }) => ({ provider, model }));
  const context = session === undefined ? request.context : request.context.with(SESSION, session);
  return next({ ...request, ...chosen, context, overrides: { ...request.overrides, routes: others } });
}

/** Pins a session to the route that answered; if none did, the next generation chooses again. */
function pinning(pins: SessionPins, session: string) {
  let route: string | undefined;
  return tap<GenerationEvent>({
    next: (event) => {
      if (event.type === 'attempt-start') route = routeName(event);
      else if (event.type === 'generation-end' && route !== undefined) pins.set(session, route);
    },
    error: (error: unknown) => {
      if (!(GenerationError.is(error) && error.code === 'aborted')) pins.delete(session);
    },
  });
}

/** Remembers the route of each session. The least recently used sessions are forgotten first. */
export class SessionPins {
  private readonly routes = new Map<string, string>();

  /** @param most maximum number of sessions */
  constructor(private readonly most: number) {}

  get(session: string): string | undefined {
    return this.routes.get(session);
  }

  set(session: string, route: string): void {
    this.routes.delete(session);
    this.routes.set(session, route);
    const [oldest] = this.routes.keys();
    if (this.routes.size > this.most && oldest !== undefined) this.routes.delete(oldest);
  }

  delete(session: string): void {
    this.routes.delete(session);
  }
}
