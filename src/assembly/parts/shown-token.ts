import type { Token } from '../../core/token.js';

/** A token in a message. */
export function shownToken(token: Token<unknown>): string {
  if (typeof token === 'symbol') return token.description ?? 'a token without a description';
  return typeof token === 'string' ? `"${token}"` : 'a class';
}
