import type { ChatDialect } from 'scriptorium/provider';

/** Clients of OpenRouter have `/api/v1` in their base URL. */
export function dialectOf(url: string): ChatDialect {
  return /^(?:https?:\/\/[^/]*)?(?:\/with\/[^/]*)?\/api\//.test(url) ? 'aggregator' : 'openai';
}
