import { asCount, asList, asObject, asText, endpointUrl, getJson } from 'scriptorium/provider';
import type { Connection, Json, ModelInfo } from 'scriptorium/provider';
import { classifyAnswer } from './classify.js';
import { serverHeaders } from './encode.js';
import type { Server } from './server.js';

/** What the length of a model's context is called: by Together, Groq, vLLM, Mistral. */
const CONTEXT_NAMES = ['context_length', 'context_window', 'max_model_len', 'max_context_length'] as const;

/** `GET /models`: what the server offers now. Together sends the bare list. */
export async function fetchModels(server: Server, connection: Connection): Promise<readonly ModelInfo[]> {
  const request = { method: 'GET', url: endpointUrl(server, 'models'), headers: serverHeaders(server) } as const;
  // A look-up names no model: what is not found is the address.
  const address = server.remedies['wrong-address'] ?? '';
  const remedies = { 'not-found': address, 'unknown-model': address };
  const json = await getJson(request, connection, (answer) => classifyAnswer(answer, server, remedies));
  const list = Array.isArray(json) ? json : asList(asObject(json)?.data);
  return list.map(asObject).flatMap((model) => readModel(model ?? {}));
}

function readModel(model: Json): readonly ModelInfo[] {
  const id = asText(model.id);
  if (id === undefined) return [];
  const [name, contextLength] = [
    asText(model.display_name) ?? asText(model.name),
    CONTEXT_NAMES.map((key) => asCount(model[key])).find((length) => length !== undefined),
  ];
  const maxOutputTokens = asCount(model.max_completion_tokens);
  return [
    {
      id,
      ...(name !== undefined && { name }),
      ...(contextLength !== undefined && { contextLength }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
  ];
}
