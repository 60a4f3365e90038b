import type { ModelInfo } from '../../core/catalogue.js';
import { BudgetError } from '../../core/errors/classes.js';
import { estimateTokens, promptCharacters } from '../../core/estimate.js';
import { toDollars } from '../../core/money.js';
import type { Money } from '../../core/money.js';
import type { ModelSpeed, ModelSpeeds } from '../../core/ports.js';
import { costOf, isAbove, pricesAt } from '../../core/price.js';
import type { GenerationRequest } from '../../core/request.js';
import { routeName } from '../../core/routes.js';
import type { ConsideredRoute, Route, RouteChoice, Routes } from '../../core/routes.js';
import type { RoutingSettings } from '../../core/settings.js';
import { cheapestFirst, fastestFirst } from './route-order.js';

/** Input of `chooseRoute` beside the request. */
export interface RoutingInput {
  readonly routes: Routes;
  readonly settings: RoutingSettings;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly knownModel: (provider: string, model: string) => ModelInfo | undefined;
  readonly speeds: ModelSpeeds;
  /** The session's route by its name, and the session, for the explanation. */
  readonly pinned: { readonly route: string; readonly session: string } | undefined;
}

/** Assumed answer length without a cap; the same for all routes compared. */
const USUAL_TOKENS = 1_000;

interface RouteCandidate extends Required<Route> {
  readonly cost?: Money;
  readonly speed: ModelSpeed;
  readonly expectedMs?: number;
  readonly tries: number;
  readonly leftOut?: string;
}

/**
 * Sorts the routes of a request by maximum cost, by expected time, or as listed. Leaves out routes above the price cap,
 * and those of unknown price if there is a cap.
 * @throws BudgetError if no route is left
 */
export function chooseRoute(request: GenerationRequest, input: RoutingInput): RouteChoice {
  const { routes, pinned } = input;
  const candidates = routesOf(request, input).map((route) => assess(route, request, input));
  const allowed = candidates.filter(({ leftOut }) => leftOut === undefined);
  const ordered =
    routes === 'cheapest' ? cheapestFirst(allowed) : routes === 'fastest' ? fastestFirst(allowed) : allowed;
  const kept = ordered.find((candidate) => routeName(candidate) === pinned?.route);
  const [first, ...others] =
    kept === undefined ? ordered : [kept, ...ordered.filter((candidate) => candidate !== kept)];
  if (first === undefined) throw nothingLeft(candidates);
  const reason =
    kept !== undefined && pinned !== undefined
      ? `Session "${pinned.session}" keeps its first model, which has the prompt in its cache.`
      : reasonFor(first, routes);
  return {
    strategy: typeof routes === 'string' ? routes : 'in-order',
    chosen: { provider: first.provider, model: first.model },
    reason,
    considered: [first, ...others, ...candidates.filter(({ leftOut }) => leftOut !== undefined)].map(report),
  };
}

/** The request's own route first; duplicates are dropped. */
function routesOf(
  { provider, model }: GenerationRequest,
  { routes, settings }: RoutingInput,
): readonly Required<Route>[] {
  const further: readonly Route[] =
    typeof routes === 'string' ? settings.models.map((name) => ({ model: name })) : routes;
  const all = [{ provider, model }, ...further.map((route) => ({ provider, model, ...route }))];
  return [...new Map(all.map((route) => [routeName(route), route])).values()];
}

function assess(
  route: Required<Route>,
  request: GenerationRequest,
  { settings, now, knownModel, speeds }: RoutingInput,
): RouteCandidate {
  const [promptTokens, outputTokens] = [estimateTokens(promptCharacters(request)), request.maxTokens ?? USUAL_TOKENS];
  const table = knownModel(route.provider, route.model)?.price;
  const prices = table && pricesAt(table, { promptTokens, now });
  const speed = speeds.of(route.provider, route.model);
  const { timeToFirstTokenMs, tokensPerSecond } = speed;
  const expectedMs =
    timeToFirstTokenMs === undefined || tokensPerSecond === undefined
      ? undefined
      : timeToFirstTokenMs + (outputTokens / tokensPerSecond) * 1_000;
  const leftOut = objectionTo(prices, settings);
  return {
    ...route,
    speed,
    tries: speed.tries,
    ...(prices && { cost: costOf(prices, { inputTokens: promptTokens, outputTokens }) }),
    ...(expectedMs !== undefined && { expectedMs }),
    ...(leftOut !== undefined && { leftOut }),
  };
}

function objectionTo(
  prices: { readonly prompt: string; readonly completion: string } | undefined,
  { maxPromptPrice, maxCompletionPrice }: RoutingSettings,
): string | undefined {
  if (maxPromptPrice === 0 && maxCompletionPrice === 0) return undefined;
  if (prices === undefined) return 'its price is unknown';
  if (isAbove(prices.prompt, maxPromptPrice)) return `its prompt price is above $${maxPromptPrice} per million tokens`;
  return isAbove(prices.completion, maxCompletionPrice)
    ? `its completion price is above $${maxCompletionPrice} per million tokens`
    : undefined;
}

function reasonFor(
  { cost, speed: { tries, timeToFirstTokenMs = 0, tokensPerSecond }, expectedMs }: RouteCandidate,
  routes: Routes,
): string {
  switch (routes) {
    case 'cheapest':
      return cost === undefined
        ? 'No price is known, so the given order is kept.'
        : `The cheapest: at most $${toDollars(cost)}.`;
    case 'fastest':
      if (tries === 0) return 'Not used recently, so it is tried and measured.';
      if (expectedMs === undefined) return 'No complete answer was measured recently, so the given order is kept.';
      return `The fastest: ${Math.round(timeToFirstTokenMs)} ms to the first token, then ${Math.round(tokensPerSecond ?? 0)} tokens per second.`;
    default:
      return 'The first in the list whose price is within the limit.';
  }
}

function report({
  provider,
  model,
  cost,
  speed: { timeToFirstTokenMs, tokensPerSecond },
  leftOut,
}: RouteCandidate): ConsideredRoute {
  return {
    provider,
    model,
    ...(cost !== undefined && { estimatedUsd: toDollars(cost) }),
    ...(timeToFirstTokenMs !== undefined && { timeToFirstTokenMs }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    ...(leftOut !== undefined && { leftOut }),
  };
}

function nothingLeft(candidates: readonly RouteCandidate[]): BudgetError {
  const reasons = candidates.map(({ model, leftOut = '' }) => `${model}: ${leftOut}`).join('; ');
  return new BudgetError(
    `No model is within the price limits (${reasons}). Nothing was sent. Raise routing.maxPromptPrice or routing.maxCompletionPrice, allow more models in routing.models, or call models() once, which loads the prices.`,
  );
}
