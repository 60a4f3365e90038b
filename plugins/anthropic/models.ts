import { asCount, asList, asObject, asText, getJson } from 'scriptorium/provider';
import type { Connection, ModelInfo } from 'scriptorium/provider';
import { classifyAnswer } from './classify.js';
import { apiUrl, endpointHeaders } from './endpoint.js';
import type { Endpoint } from './endpoint.js';

/** The most that the API gives at once, and more pages than there can be. */
const PAGE = 1000;
const MOST_PAGES = 20;

/** `GET /v1/models`: what the key may use now, the newest first. */
export async function fetchModels(endpoint: Endpoint, connection: Connection): Promise<readonly ModelInfo[]> {
  const models: ModelInfo[] = [];
  // A look-up names no model: what is not found is the address.
  const address = endpoint.remedies['wrong-address'] ?? '';
  const remedies = { ...endpoint.remedies, 'not-found': address, 'unknown-model': address };
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const url = apiUrl(
      endpoint,
      `models?limit=${PAGE}${after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`}`,
    );
    const answer =
      asObject(
        await getJson({ method: 'GET', url, headers: endpointHeaders(endpoint) }, connection, (failed) =>
          classifyAnswer(failed, remedies),
        ),
      ) ?? {};
    models.push(...asList(answer.data).flatMap(readModel));
    after = answer.has_more === true ? asText(answer.last_id) : undefined;
    if (after === undefined) break;
  }
  return models;
}

function readModel(value: unknown): readonly ModelInfo[] {
  const model = asObject(value);
  const [id, name] = [asText(model?.id), asText(model?.display_name)];
  const [contextLength, maxOutputTokens] = [asCount(model?.max_input_tokens), asCount(model?.max_tokens)];
  return id === undefined
    ? []
    : [
        {
          id,
          ...(name !== undefined && { name }),
          ...(contextLength !== undefined && { contextLength }),
          ...(maxOutputTokens !== undefined && { maxOutputTokens }),
        },
      ];
}
