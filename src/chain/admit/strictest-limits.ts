import type { Limits } from '../../core/provider.js';

/** The limits of a key as one pipeline has them. */
export interface MemberLimits {
  /** Several where a provider names others for some of its models. */
  readonly limits: readonly Limits[];
  /** Padding of the windows against jitter, in milliseconds. */
  readonly skewMs: number;
  /** The requests of a day that the server allows, in place of the configured ones. */
  readonly dayQuota?: number;
}

/** The strictest of several pipelines' limits for one key. 0 means no limit. */
export function strictestLimits(members: readonly MemberLimits[]): Required<Limits> & { readonly skewMs: number } {
  const all = members.flatMap(({ limits }) => limits);
  const days = members.flatMap(({ limits, dayQuota }) =>
    dayQuota === undefined ? limits.map(({ requestsPerDay }) => requestsPerDay) : [dayQuota],
  );
  return {
    minIntervalMs: Math.max(0, ...all.map(({ minIntervalMs = 0 }) => minIntervalMs)),
    requestsPerMinute: least(all.map(({ requestsPerMinute }) => requestsPerMinute)),
    tokensPerMinute: least(all.map(({ tokensPerMinute }) => tokensPerMinute)),
    requestsPerDay: least(days),
    skewMs: Math.max(0, ...members.map(({ skewMs }) => skewMs)),
  };
}

function least(limits: readonly (number | undefined)[]): number {
  const given = limits.flatMap((limit) => (limit === undefined || limit === 0 ? [] : limit));
  return given.length === 0 ? 0 : Math.min(...given);
}
