import { createHash } from 'node:crypto';
import type { Secret } from '../core/secret.js';

/** An account at a vendor: where it is asked, and by which key, if the server wants one. */
export interface Account {
  /** Of the provider. */
  readonly id: string;
  readonly baseUrl: string;
  readonly apiKey: Secret | null;
}

/** The address of a path below a base address, which may end in slashes. */
export function endpointUrl({ baseUrl }: Pick<Account, 'baseUrl'>, path: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${path}`;
}

/** Stands for the account in the names of its limits, which may be written to a file: the key cannot be read from it. */
export function accountName({ id, baseUrl, apiKey }: Account): string {
  return `${id}/${createHash('sha256')
    .update(`${baseUrl} ${apiKey?.reveal() ?? ''}`)
    .digest('hex')
    .slice(0, 12)}`;
}

/** The same headers under names that are equal where they mean the same. */
export function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
