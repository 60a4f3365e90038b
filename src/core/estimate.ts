import type { Message } from './request.js';

/** A rough count of tokens, for text nobody counted: one for every four characters, rounded up. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** Characters of all messages together. */
export function promptCharacters(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + message.content.length, 0);
}
