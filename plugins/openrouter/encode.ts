import { chatBody, endpointUrl, lowerCaseNames } from 'scriptorium/plugin';
import type { GenerationRequest, PrefillTable, Secret, WireRequest } from 'scriptorium/plugin';
import { prefillOf } from './prefill.js';

/** Where requests go, and what they say about their sender. */
export interface Endpoint {
  readonly id: string;
  readonly baseUrl: string;
  readonly apiKey: Secret;
  readonly siteUrl: string;
  readonly siteTitle: string;
  readonly prefill: PrefillTable | null;
}

/**
 * A generation as OpenRouter's chat completion. What is undefined is left out, so that the model's own default holds; 0
 * is sent as 0. `providerOptions` go in as they are and win over the fields above them; the order of keys is always the
 * same, since OpenRouter's cache depends on it.
 */
export function encodeChat(request: GenerationRequest, endpoint: Endpoint): WireRequest {
  return {
    method: 'POST',
    url: endpointUrl(endpoint, 'chat/completions'),
    headers: { ...endpointHeaders(endpoint), 'content-type': 'application/json', ...lowerCaseNames(request.headers) },
    body: JSON.stringify({
      ...chatBody(request, prefillOf(request, endpoint)),
      top_k: request.topK,
      min_p: request.minP,
      top_a: request.topA,
      repetition_penalty: request.repetitionPenalty,
      reasoning: request.reasoning && {
        effort: request.reasoning.effort,
        max_tokens: request.reasoning.maxTokens,
        exclude: request.reasoning.exclude,
      },
      ...request.providerOptions[endpoint.id],
      stream: request.wire === 'sse',
    }),
  };
}

/** The key, and the application's name, which OpenRouter shows in its rankings; `x-title` is the older name of the same. */
export function endpointHeaders({ apiKey, siteUrl, siteTitle }: Endpoint): Record<string, string> {
  return { authorization: `Bearer ${apiKey.reveal()}`, 'http-referer': siteUrl, 'x-openrouter-title': siteTitle, 'x-title': siteTitle };
}
