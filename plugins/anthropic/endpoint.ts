import { endpointUrl } from 'scriptorium/provider';
import type { PrefillTable, Remedies, Secret } from 'scriptorium/provider';
import type { PriceTable } from './price.js';

/** Where requests go, and what they say about their sender. */
export interface Endpoint {
  readonly id: string;
  readonly baseUrl: string;
  readonly apiKey: Secret;
  /** The version of the API: a date. */
  readonly version: string;
  /** Features that are asked for by name. */
  readonly beta: readonly string[];
  readonly prefill: PrefillTable | null;
  readonly prices: PriceTable | null;
  /** What to do about failures. */
  readonly remedies: Remedies;
}

/** The address of a path of the API. */
export function apiUrl(endpoint: Endpoint, path: string): string {
  return endpointUrl(endpoint, `v1/${path}`);
}

/** What every request says of its sender. */
export function endpointHeaders({ apiKey, version, beta }: Endpoint): Record<string, string> {
  return {
    'x-api-key': apiKey.reveal(),
    'anthropic-version': version,
    ...(beta.length > 0 && { 'anthropic-beta': beta.join(',') }),
  };
}
