import { InterruptedError } from '../core/errors/kin.js';
import type { GenerationEnd } from '../core/events.js';

/**
 * Throws where a bare string would pass a cut text off as a whole one: at the configured token cap, at a content filter,
 * or at an end nobody can explain. A cap that the caller set is the caller's own wish.
 */
export function refuseCutText(end: Pick<GenerationEnd, 'finishReason' | 'usage' | 'attempts' | 'provider' | 'model'>, text: string, isOwnCap: boolean): void {
  const { finishReason: { unified, raw }, usage, attempts = [], provider, model } = end;
  if (unified === 'stop' || (unified === 'length' && isOwnCap)) return;
  const why = unified === 'length'
    ? 'it reached the configured token cap; raise defaults.maxTokens (OPENROUTER_MAX_TOKENS) or pass maxTokens'
    : `the model stopped with "${raw ?? unified}"`;
  throw new InterruptedError(`The text is not whole: ${why}.`, { provider, model }).tell({ attempts, partial: { text, usage } });
}
