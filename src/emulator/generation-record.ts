import { PROVIDER } from './chunks.js';
import type { LoggedRequest } from './request-log.js';

/** The body of `GET /generation` for a request that is over and has generated something; undefined for any other. */
export function generationRecord({ closedAt, usage, ...request }: LoggedRequest): object | undefined {
  if (closedAt === undefined || usage === undefined) return undefined;
  const { prompt_tokens: prompt, completion_tokens: completion, completion_tokens_details: details } = usage;
  return {
    data: {
      id: request.id,
      created_at: new Date(request.arrivedAt).toISOString(),
      model: request.model,
      provider_name: PROVIDER,
      api_type: 'completions',
      streamed: request.stream,
      cancelled: request.outcome === 'cancelled',
      finish_reason: request.finishReason ?? null,
      latency: 0,
      generation_time: closedAt - request.arrivedAt,
      moderation_latency: null,
      tokens_prompt: prompt,
      tokens_completion: completion,
      native_tokens_prompt: prompt,
      native_tokens_completion: completion,
      native_tokens_reasoning: details.reasoning_tokens,
      native_tokens_cached: 0,
      usage: request.cost,
      total_cost: request.cost,
      upstream_inference_cost: 0,
      cache_discount: null,
      is_byok: false,
      http_referer: request.headers['http-referer'] ?? null,
      service_tier: null,
    },
  };
}
