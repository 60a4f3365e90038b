import { asNumber, asObject, endpointUrl, GenerationError, getJson } from 'scriptorium/plugin';
import type { Connection, Usage } from 'scriptorium/plugin';
import { classifyAnswer } from './classify.js';
import { endpointHeaders } from './encode.js';
import type { Endpoint } from './encode.js';

/** `GET /generation`: what an answer has used and cost. For some seconds after its end OpenRouter does not know it (404). */
export async function fetchUsage(endpoint: Endpoint, id: string, connection: Connection): Promise<Usage | undefined> {
  const request = { method: 'GET', url: endpointUrl(endpoint, `generation?id=${encodeURIComponent(id)}`), headers: endpointHeaders(endpoint) } as const;
  try {
    return readRecord(asObject(asObject(await getJson(request, connection, classifyAnswer))?.data) ?? {});
  } catch (error) {
    if (GenerationError.is(error) && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** The native counts are the ones that are billed. */
function readRecord(data: Readonly<Record<string, unknown>>): Usage | undefined {
  const inputTokens = asNumber(data.native_tokens_prompt) ?? asNumber(data.tokens_prompt);
  const outputTokens = asNumber(data.native_tokens_completion) ?? asNumber(data.tokens_completion);
  const [cachedInputTokens, reasoningTokens, costUsd] = [data.native_tokens_cached, data.native_tokens_reasoning, data.total_cost].map(asNumber);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return {
    inputTokens, outputTokens,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }), ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(costUsd !== undefined && { costUsd }), source: 'reported',
  };
}
