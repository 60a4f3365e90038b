import { createHash } from 'node:crypto';
import type { Secret } from '../core/secret.js';

/** An account at a vendor: the address of its API, and the key if the server requires one. */
export interface Account {
  /** Id of the provider. */
  readonly id: string;
  readonly baseUrl: string;
  readonly apiKey: Secret | null;
}

/** Joins a base URL, with or without trailing slashes, and a path. */
export function endpointUrl({ baseUrl }: Pick<Account, 'baseUrl'>, path: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${path}`;
}

/** A name of the account for its limits. It may be written to a file: the key cannot be derived from it. */
export function accountName({ id, baseUrl, apiKey }: Account): string {
  return `${id}/${createHash('sha256')
    .update(`${baseUrl} ${apiKey?.reveal() ?? ''}`)
    .digest('hex')
    .slice(0, 12)}`;
}

/** Copies headers under lower-case names. */
export function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
