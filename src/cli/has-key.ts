import type { Shell } from './shell.js';

/** Whether the environment has a key of OpenRouter's, or several. */
export function hasKey({ OPENROUTER_API_KEY, OPENROUTER_API_KEYS }: Shell['env']): boolean {
  return Boolean(OPENROUTER_API_KEY) || Boolean(OPENROUTER_API_KEYS);
}
