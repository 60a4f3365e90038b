import { textIn } from './message.js';
import type { GenerationRequest } from './request.js';

/** Estimates the tokens of a text without a reported count: one for every four characters, rounded up. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** Counts the characters of all messages and of the text to continue. */
export function promptCharacters({
  messages,
  continuation,
  continueFrom = '',
}: Pick<GenerationRequest, 'messages' | 'continuation' | 'continueFrom'>): number {
  const given =
    continuation === undefined ? continueFrom.length : continuation.text.length + continuation.anchor.length;
  return messages.reduce((sum, message) => sum + textIn(message.content).length, given);
}
