import type { LimitKey } from '../../core/provider.js';

/** Names a key together with its limits: what two requests must share to be counted together. */
export function limitName({ key, limits }: LimitKey): string {
  const { minIntervalMs, requestsPerMinute, tokensPerMinute, requestsPerDay } = limits;
  return `${minIntervalMs} ${requestsPerMinute} ${tokensPerMinute} ${requestsPerDay} ${key}`;
}
