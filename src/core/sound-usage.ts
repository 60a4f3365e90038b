import { UNMEASURED } from './usage.js';
import type { Usage } from './usage.js';

const MOST_TOKENS = 2 ** 31;
const MOST_USD = 1e6;

/** Returns a usage without its impossible numbers. Without possible token counts, the usage is unmeasured. */
export function soundUsage(usage: Usage): Usage {
  const { inputTokens, outputTokens, source, ...optional } = usage;
  if (!isPossible('inputTokens', inputTokens) || !isPossible('outputTokens', outputTokens)) return UNMEASURED;
  const entries = Object.entries(optional);
  const possible = entries.filter(([name, value]) => isPossible(name, value));
  if (possible.length === entries.length) return usage;
  return { inputTokens, outputTokens, source, ...Object.fromEntries(possible) };
}

function isPossible(name: string, value: unknown): boolean {
  if (value === undefined) return true;
  const most = name.endsWith('Usd') ? MOST_USD : MOST_TOKENS;
  return typeof value === 'number' && value >= 0 && value < most;
}
