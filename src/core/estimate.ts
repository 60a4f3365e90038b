import { textIn } from './message.js';
import type { GenerationRequest } from './request.js';

/** A rough count of tokens, for text nobody counted: one for every four characters, rounded up. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** Characters of all messages together, and of the text that is to be gone on with. */
export function promptCharacters({
  messages,
  continuation,
}: Pick<GenerationRequest, 'messages' | 'continuation'>): number {
  return messages.reduce((sum, message) => sum + textIn(message.content).length, continuation?.text.length ?? 0);
}
