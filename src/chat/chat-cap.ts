import { asNumber } from '../core/outside/numbers.js';
import type { Json } from './json.js';

/** The most tokens that a chat completion asks for. */
export interface ChatCap {
  /** Of all its answers together; `Infinity` if nothing caps them. */
  readonly outputTokens: number;
  /** The number of answers, from 1. */
  readonly answers: number;
}

/**
 * Reads the caps of a chat completion's body as a vendor may read them: of two caps the larger one counts, and one that is
 * not a positive number caps nothing.
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * billing: (request) => ({ outputTokens: chatCap({ max_tokens: request.maxTokens, ...options }).outputTokens }),
 * ```
 */
export function chatCap({ max_completion_tokens: newer, max_tokens: older, n }: Json): ChatCap {
  const given = [newer, older].filter((cap) => cap != null).map((cap) => asNumber(cap) ?? Infinity);
  const caps = given.map((cap) => (cap > 0 ? Math.ceil(cap) : Infinity));
  const answers = Math.max(Math.ceil(asNumber(n) ?? 1), 1);
  return { answers, outputTokens: caps.length === 0 ? Infinity : Math.max(...caps) * answers };
}
