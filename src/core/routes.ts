import { contextKey } from './context.js';

/** A provider and model to send a generation to. A field that is left out keeps the request's value. */
export interface Route {
  readonly provider?: string;
  readonly model?: string;
}

/** The strategies for choosing among the allowed models. */
export const ROUTE_STRATEGIES = ['cheapest', 'fastest'] as const;

/** A strategy for choosing a route. */
export type RouteStrategy = (typeof ROUTE_STRATEGIES)[number];

/** Routes in the order of use, or the strategy that chooses this order. */
export type Routes = RouteStrategy | readonly Route[];

/**
 * The route chosen to be tried first, and the reason. The result's `provider` and `model` name the route that answered.
 */
export interface RouteChoice {
  readonly strategy: RouteStrategy | 'in-order';
  readonly chosen: Required<Route>;
  /** A sentence. */
  readonly reason: string;
  /** In the order of use. Routes that are left out come last. */
  readonly considered: readonly ConsideredRoute[];
}

/** A route that was considered, with the figures used to compare it. */
export interface ConsideredRoute extends Required<Route> {
  /** US dollars for the estimated prompt and an answer up to the token cap. Left out if the price is unknown. */
  readonly estimatedUsd?: number;
  /** The medians of recent answers. Left out if none was measured. */
  readonly timeToFirstTokenMs?: number;
  readonly tokensPerSecond?: number;
  /** The reason why the route is not tried. */
  readonly leftOut?: string;
}

/** Whether there is another route, so that the generation need not wait for this one. Set by `fallback`. */
export const HAS_OTHER_ROUTE = contextKey('has-other-route', false);

/**
 * The session of a generation. Generations of one session stay with one model and one of its hosts, to benefit from the
 * prompt cache. Set by `routing`.
 */
export const SESSION = contextKey<string | undefined>('session', undefined);

/** Returns the key of a route in maps. */
export function routeName({ provider, model }: Required<Route>): string {
  return `${provider}/${model}`;
}
