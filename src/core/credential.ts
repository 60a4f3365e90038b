import { contextKey } from './context.js';

/**
 * The credential that an attempt uses, by its name in `Provider.credentials`. Undefined if the provider has only one.
 * A provider reads it in `limitKeys` and `generate`.
 * @see docs/limits.md
 */
export const CREDENTIAL = contextKey<string | undefined>('credential', undefined);
