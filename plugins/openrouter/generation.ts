import { GenerationError } from 'scriptorium';
import { asNumber, asObject, asText } from 'scriptorium/provider';
import type { Connection, GenerationInfo, Json, Usage } from 'scriptorium/provider';
import { ask } from './ask.js';
import { costOfRecord } from './cost.js';
import type { Endpoint } from './encode.js';

/**
 * `GET /generation`: what OpenRouter has in its books about an answer. For some seconds after its end it knows nothing of it (404), and
 * longer where the answer was broken off: then undefined.
 */
export async function fetchGeneration(
  endpoint: Endpoint,
  id: string,
  connection: Connection,
): Promise<GenerationInfo | undefined> {
  try {
    const { data } = await ask(`generation?id=${encodeURIComponent(id)}`, { endpoint, connection });
    const raw = asObject(data);
    return raw && readRecord(id, raw);
  } catch (error) {
    if (GenerationError.is(error) && error.code === 'not-found') return undefined;
    throw error;
  }
}

function readRecord(id: string, raw: Json): GenerationInfo {
  const usage = readUsage(raw);
  const [model, host, createdAt, finishReason] = [raw.model, raw.provider_name, raw.created_at, raw.finish_reason].map(
    asText,
  );
  const [latencyMs, generationMs] = [asNumber(raw.latency), asNumber(raw.generation_time)];
  return {
    id: asText(raw.id) ?? id,
    ...(model !== undefined && { model }),
    ...(host !== undefined && { host }),
    ...(createdAt !== undefined && { createdAt }),
    ...(usage && { usage }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(generationMs !== undefined && { generationMs }),
    ...(finishReason !== undefined && { finishReason }),
    ...(typeof raw.streamed === 'boolean' && { wasStreamed: raw.streamed }),
    ...(typeof raw.cancelled === 'boolean' && { wasCancelled: raw.cancelled }),
    raw,
  };
}

/** The native counts are the ones that are billed. */
function readUsage(raw: Json): Usage | undefined {
  const inputTokens = asNumber(raw.native_tokens_prompt) ?? asNumber(raw.tokens_prompt);
  const outputTokens = asNumber(raw.native_tokens_completion) ?? asNumber(raw.tokens_completion);
  const [cachedInputTokens, reasoningTokens] = [raw.native_tokens_cached, raw.native_tokens_reasoning].map(asNumber);
  const costUsd = asNumber(costOfRecord(raw));
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(costUsd !== undefined && { costUsd }),
    source: 'reported',
  };
}
