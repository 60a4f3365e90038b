import { GenerationError } from 'scriptorium';
import type { AccountInfo, GenerationInfo } from 'scriptorium/plugin';
import type { Client } from '../access/client.js';
import { mayWatch } from '../access/may-watch.js';
import type { Calls } from '../calls/call.js';

/** Writes what a vendor says of the key in use, as OpenRouter does. The label is the client's, since the vendor's shows parts of the key. */
export function keyAnswer(account: AccountInfo, label: string): object {
  return {
    data: {
      label,
      limit: account.limitUsd ?? null,
      limit_reset: account.limitReset ?? null,
      limit_remaining: account.remainingUsd ?? null,
      usage: account.usageUsd ?? 0,
      usage_daily: account.usageDailyUsd ?? 0,
      usage_weekly: account.usageWeeklyUsd ?? 0,
      usage_monthly: account.usageMonthlyUsd ?? 0,
      is_free_tier: account.isFreeTier ?? false,
      is_management_key: false,
      expires_at: account.expiresAt ?? null,
      ...(account.rateLimit !== undefined && { rate_limit: account.rateLimit }),
    },
  };
}

/** Writes a vendor's record of an answer, as OpenRouter does. */
export function generationAnswer(info: GenerationInfo): object {
  const { usage } = info;
  return {
    data: {
      created_at: info.createdAt ?? null,
      model: info.model ?? null,
      provider_name: info.host ?? null,
      total_cost: usage?.costUsd ?? null,
      tokens_prompt: usage?.inputTokens ?? null,
      tokens_completion: usage?.outputTokens ?? null,
      latency: info.latencyMs ?? null,
      generation_time: info.generationMs ?? null,
      finish_reason: info.finishReason ?? null,
      streamed: info.wasStreamed ?? null,
      cancelled: info.wasCancelled ?? null,
      ...info.raw,
      id: info.id,
    },
  };
}

/**
 * A record shows when a text was written, by whom, and at which price: a client reads those of its own answers.
 * @throws GenerationError `not-found` (404) for the answer of another client, and for one that is not known any more
 */
export function checkOwner(client: Client, id: string, calls: Pick<Calls, 'isOwn'>): void {
  if (mayWatch(client) || calls.isOwn(client, id)) return;
  throw new GenerationError(
    'not-found',
    `The key "${client.name}" has no answer ${JSON.stringify(id)} since the start of this gateway. Send the id of an answer, or set watch to true in the policy to see those of all keys.`,
    { status: 404 },
  );
}
