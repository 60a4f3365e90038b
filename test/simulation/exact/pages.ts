import type { GenerationInput } from 'scriptorium';

/** So many inputs with prompts of their own. */
export function pages(count: number): readonly Partial<GenerationInput>[] {
  return Array.from({ length: count }, (_, index) => ({ prompt: `Write page ${index + 1}.` }));
}
