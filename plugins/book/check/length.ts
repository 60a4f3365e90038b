import { countWords } from 'scriptorium';
import type { Defect } from './defect.js';

/** The part of a length by which a section may miss it. */
export const TOLERANCE = 0.05;

/** Whether a section is as long as it should be, in words as Python's `text.split()` counts them. */
export function lengthDefects(text: string, targetWords: number): readonly Defect[] {
  const words = countWords(text);
  if (words < targetWords * (1 - TOLERANCE))
    return [{ kind: 'too-short', message: `It has ${words} words; it needs about ${targetWords}. Tell more.` }];
  if (words > targetWords * (1 + TOLERANCE))
    return [{ kind: 'too-long', message: `It has ${words} words; about ${targetWords} are wanted. Shorten it.` }];
  return [];
}
