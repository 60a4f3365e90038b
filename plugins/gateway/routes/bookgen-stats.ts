import type { UsageSnapshot } from 'scriptorium';

/** The totals that BookGen's service reports: those of the pipeline, or of one key. */
export interface BookgenTotals extends Pick<
  UsageSnapshot,
  'requests' | 'successful' | 'failed' | 'successRate' | 'startTime'
> {
  readonly tokens: Pick<UsageSnapshot['tokens'], 'total' | 'prompt' | 'completion'>;
  readonly cost: Pick<UsageSnapshot['cost'], 'known' | 'estimated'>;
  readonly recentErrors: readonly { readonly at: string; readonly message: string }[];
}

/** Writes totals under the names of BookGen's service. @param now epoch milliseconds */
export function bookgenStats(totals: BookgenTotals, now: number): object {
  const { requests, successful, failed, tokens, cost, successRate, recentErrors, startTime } = totals;
  return {
    requests,
    successful_requests: successful,
    failed_requests: failed,
    total_tokens: tokens.total,
    total_prompt_tokens: tokens.prompt,
    total_completion_tokens: tokens.completion,
    total_cost: cost.known + cost.estimated,
    errors: recentErrors.map(({ at, message }) => ({ timestamp: at, error: message })),
    start_time: startTime,
    uptime_seconds: (now - Date.parse(startTime)) / 1_000,
    success_rate: successRate,
  };
}
