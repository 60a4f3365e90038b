import { asList, asNumber, asObject, asText, endpointUrl, getJson } from 'scriptorium/plugin';
import type { AccountInfo, Connection, Json, ModelInfo, Remedies } from 'scriptorium/plugin';
import { classifyAnswer } from './classify.js';
import { endpointHeaders } from './encode.js';
import type { Endpoint } from './encode.js';

/** `GET /models`: what OpenRouter offers now. */
export async function fetchModels(endpoint: Endpoint, connection: Connection): Promise<readonly ModelInfo[]> {
  const { data } = await get('models', endpoint, connection);
  return asList(data).flatMap((value) => {
    const model = asObject(value);
    const id = asText(model?.id);
    return model === undefined || id === undefined ? [] : [readModel(id, model)];
  });
}

/** `GET /key`: the limits of the key in use. */
export async function fetchAccount(endpoint: Endpoint, connection: Connection): Promise<AccountInfo> {
  const data = asObject((await get('key', endpoint, connection)).data) ?? {};
  const free = asObject(data.free_model_daily_requests);
  const [label, remainingUsd] = [asText(data.label), asNumber(data.limit_remaining)];
  return {
    ...(label !== undefined && { label }),
    ...(typeof data.is_free_tier === 'boolean' && { isFreeTier: data.is_free_tier }),
    ...(remainingUsd !== undefined && { remainingUsd }),
    ...(free && { freeRequests: { used: asNumber(free.used) ?? 0, limit: asNumber(free.limit) ?? 0, remaining: asNumber(free.remaining) ?? 0 } }),
  };
}

async function get(path: string, endpoint: Endpoint, connection: Connection): Promise<Json> {
  const request = { method: 'GET', url: endpointUrl(endpoint, path), headers: endpointHeaders(endpoint) } as const;
  return asObject(await getJson(request, connection, (answer) => classifyAnswer(answer, REMEDIES))) ?? {};
}

/** A look-up names no model: what is not found is the address. */
const REMEDIES: Remedies = { 'not-found': 'Check the base URL (OPENROUTER_BASE_URL).' };

function readModel(id: string, model: Json): ModelInfo {
  const [name, contextLength, pricing] = [asText(model.name), asNumber(model.context_length), asObject(model.pricing)];
  const maxOutputTokens = asNumber(asObject(model.top_provider)?.max_completion_tokens);
  const [prompt, completion] = [asText(pricing?.prompt), asText(pricing?.completion)];
  return {
    id,
    ...(name !== undefined && { name }),
    ...(contextLength !== undefined && { contextLength }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(prompt !== undefined && completion !== undefined && { price: { prompt, completion } }),
  };
}
