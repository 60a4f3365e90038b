import type { UsageSnapshot } from '../stats/usage-meter.js';

/** Usage statistics under BookGen's names. */
export interface ClientStats {
  readonly requests: number;
  readonly successfulRequests: number;
  readonly failedRequests: number;
  readonly totalTokens: number;
  readonly totalPromptTokens: number;
  readonly totalCompletionTokens: number;
  /** US dollars, as far as the cost is known. */
  readonly totalCost: number;
  /** 0 to 1. */
  readonly successRate: number;
  readonly uptimeSeconds: number;
  /** UTC, ISO 8601. */
  readonly startTime: string;
  /** Recent failures, the newest last. */
  readonly errors: UsageSnapshot['recentErrors'];
}

/** Converts the pipeline's totals since `startedAt` (epoch milliseconds, like `now`). */
export function clientStats(
  snapshot: UsageSnapshot,
  { startedAt, now }: { readonly startedAt: number; readonly now: number },
): ClientStats {
  const { requests, successful, failed, tokens, cost, successRate, recentErrors } = snapshot;
  return {
    requests,
    successfulRequests: successful,
    failedRequests: failed,
    totalTokens: tokens.total,
    totalPromptTokens: tokens.prompt,
    totalCompletionTokens: tokens.completion,
    totalCost: cost.known + cost.estimated,
    successRate,
    uptimeSeconds: (now - startedAt) / 1000,
    startTime: new Date(startedAt).toISOString(),
    errors: recentErrors,
  };
}
