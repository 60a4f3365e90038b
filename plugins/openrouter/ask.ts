import { asObject, endpointUrl, getJson } from 'scriptorium/provider';
import type { Connection, Json, Remedies } from 'scriptorium/provider';
import { classifyAnswer } from './classify.js';
import { endpointHeaders } from './encode.js';
import type { Endpoint } from './encode.js';

/** One look-up: a `GET` of a path below the base URL. Its answer is an object, or taken for an empty one. */
export async function ask(path: string, { endpoint, connection, remedies = {} }: LookUp): Promise<Json> {
  const address = endpoint.remedies['wrong-address'] ?? '';
  // A look-up names no model: what is not found is the address.
  const all = { ...endpoint.remedies, 'not-found': address, 'unknown-model': address, ...remedies };
  const request = { method: 'GET', url: endpointUrl(endpoint, path), headers: endpointHeaders(endpoint) } as const;
  return asObject(await getJson(request, connection, (answer) => classifyAnswer(answer, all))) ?? {};
}

export interface LookUp {
  readonly endpoint: Endpoint;
  readonly connection: Connection;
  readonly remedies?: Remedies;
}
