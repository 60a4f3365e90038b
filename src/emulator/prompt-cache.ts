import type { Turn } from './conversation.js';
import { tokensOf } from './tokens.js';

const REMEMBERED = 64;

/** Counts what a vendor with a prompt cache would read from it. */
export interface PromptCache {
  /** The tokens of the longest beginning that a prompt shares with an earlier one of the same model. */
  read(modelId: string, turns: readonly Turn[]): number;
}

/** A cache that remembers the last prompts of each model; those of other vendors forget sooner. */
export function promptCache(): PromptCache {
  const known = new Map<string, string[]>();
  return {
    read: (modelId, turns) => {
      const prompt = turns.map(({ role, text }) => `${role}\n${text}\n`).join('');
      const prompts = known.get(modelId) ?? [];
      known.set(modelId, [...prompts, prompt].slice(-REMEMBERED));
      const shared = Math.max(0, ...prompts.map((earlier) => sharedLength(earlier, prompt)));
      return tokensOf(prompt.slice(0, shared)).length;
    },
  };
}

function sharedLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return at;
}
