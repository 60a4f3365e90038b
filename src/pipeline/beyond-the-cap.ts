import type { GenerationInput } from '../input/generation-input.js';

/** The input where only text comes back: a string cannot say that the configured token cap has cut it, so it is continued. */
export function beyondTheCap(input: GenerationInput): GenerationInput {
  if (input.maxTokens !== undefined) return input;
  return { ...input, overrides: { ...input.overrides, continuity: { onLength: 'continue', ...input.overrides?.continuity } } };
}
