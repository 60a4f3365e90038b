import type { Token } from '../../core/token.js';
import * as TOKENS from '../tokens.js';

/** A token in a message, by its name in `tokens`: `tokens.CACHE_STORE`. */
export function shownToken(token: Token<unknown> | undefined): string {
  if (token === undefined) return 'an undefined token (is its name in tokens right?)';
  const name = (Object.keys(TOKENS) as (keyof typeof TOKENS)[]).find((known) => TOKENS[known] === token);
  if (name !== undefined) return `tokens.${name}`;
  if (typeof token === 'symbol') return token.description ?? 'a token without a description';
  if (typeof token === 'string') return `"${token}"`;
  return typeof token === 'function' && token.name !== '' ? `the class ${token.name}` : 'a class';
}
