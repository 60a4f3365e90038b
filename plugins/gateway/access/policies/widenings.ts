import type { Policy } from '../policy.js';
import { isCovered, isAllowed } from './models.js';

/** Numbers that are ceilings. Undefined means no ceiling. */
const CEILINGS: Readonly<Record<string, (policy: Policy) => number | undefined>> = {
  'budget.dayUsd': ({ budget }) => budget?.dayUsd,
  'budget.monthUsd': ({ budget }) => budget?.monthUsd,
  'budget.totalUsd': ({ budget }) => budget?.totalUsd,
  'budget.generationUsd': ({ budget }) => budget?.generationUsd,
  'limits.requestsPerMinute': ({ limits }) => limits?.requestsPerMinute,
  'limits.tokensPerMinute': ({ limits }) => limits?.tokensPerMinute,
  'limits.concurrency': ({ limits }) => limits?.concurrency,
  'continuity.maxSegments': ({ continuity }) => continuity?.maxSegments,
  'continuity.targetWords': ({ continuity }) => noneIfZero(continuity?.targetWords),
  'continuity.targetTokens': ({ continuity }) => noneIfZero(continuity?.targetTokens),
  'maxTokens.factor': ({ maxTokens }) => maxTokens?.factor,
  deadlineMs: ({ deadlineMs }) => deadlineMs,
  maxWaitMs: ({ maxWaitMs }) => maxWaitMs,
  reattachMs: ({ reattachMs }) => reattachMs,
};

/**
 * The keys by which a policy allows more than another one. Keys that it leaves out have the other one's values.
 * @param own the policy that may only narrow
 */
export function widenings(own: Policy, base: Policy): readonly string[] {
  const wider = Object.entries(CEILINGS)
    .filter(([, of]) => isAbove(of(own), of(base)))
    .map(([path]) => path);
  // A target of 0 is no target at all.
  const removed = (['targetWords', 'targetTokens'] as const)
    .filter((key) => own.continuity?.[key] === 0 && (base.continuity?.[key] ?? 0) > 0)
    .map((key) => `continuity.${key}`);
  return [
    ...wider,
    ...removed,
    ...(own.models?.some((pattern) => !isCovered(pattern, base.models)) === true ? ['models'] : []),
    ...(hasForeignRoute(own, base) ? ['routes'] : []),
    ...(own.continuity?.onLength === 'continue' && base.continuity?.onLength === 'stop' ? ['continuity.onLength'] : []),
    ...(own.watch === true && base.watch !== true ? ['watch'] : []),
    ...(own.maxTokens?.means === 'segment' && base.maxTokens?.means === 'ceiling' ? ['maxTokens.means'] : []),
  ];
}

/** Routes of another provider count as widening, since the same name is another model there. */
function hasForeignRoute({ routes }: Policy, { models }: Policy): boolean {
  if (models === undefined || routes === undefined || typeof routes === 'string') return false;
  return routes.some(({ model, provider }) => provider !== undefined || !isAllowed(model ?? '', models));
}

function isAbove(own: number | undefined, base: number | undefined): boolean {
  return own !== undefined && base !== undefined && own > base;
}

function noneIfZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
