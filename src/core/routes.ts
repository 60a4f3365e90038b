import { contextKey } from './context.js';

/** Somewhere else to send a generation. What is left out stays as the request has it. */
export interface Route {
  readonly provider?: string;
  readonly model?: string;
}

/** How to choose among the models that are allowed. */
export const ROUTE_STRATEGIES = ['cheapest', 'fastest'] as const;

export type RouteStrategy = (typeof ROUTE_STRATEGIES)[number];

/** Routes in the order they are tried, or how to choose that order. */
export type Routes = RouteStrategy | readonly Route[];

/** The name of the custom event that tells how a route was chosen, its payload a `RouteChoice`. Comes at most once a generation. */
export const ROUTE_CHOSEN = 'scriptorium/route';

/** Which route was chosen to be tried first, and why. Who has answered in the end is told by the result's own provider and model. */
export interface RouteChoice {
  readonly strategy: RouteStrategy | 'in-order';
  readonly chosen: Required<Route>;
  /** A sentence. */
  readonly reason: string;
  /** In the order they would be tried; those that are left out come last. */
  readonly considered: readonly ConsideredRoute[];
}

export interface ConsideredRoute extends Required<Route> {
  /** US dollars, for the prompt's estimate and an answer up to the token cap; left out where the price is unknown. */
  readonly estimatedUsd?: number;
  /** Medians of the last answers; left out where none was measured. */
  readonly timeToFirstTokenMs?: number;
  readonly tokensPerSecond?: number;
  /** Why it is not tried. */
  readonly leftOut?: string;
}

/** Whether the generation could be sent elsewhere: then it need not wait here. Set by `fallback`. */
export const HAS_OTHER_ROUTE = contextKey('has-other-route', false);

/** What generations have in common that should stay with one model, and with one of its hosts, for the sake of the prompt cache. Set by `routing`. */
export const SESSION = contextKey<string | undefined>('session', undefined);

/** A route as a key of maps. */
export function routeName({ provider, model }: Required<Route>): string {
  return `${provider}/${model}`;
}
