import type { UsageSnapshot } from 'scriptorium';

/** Writes the totals under the names of BookGen's service. @param now epoch milliseconds */
export function bookgenStats(snapshot: UsageSnapshot, now: number): object {
  const { requests, successful, failed, tokens, cost, successRate, recentErrors, startTime } = snapshot;
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
