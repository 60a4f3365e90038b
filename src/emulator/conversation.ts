/** A message of a chat request; what the emulator reads of it. */
export interface WireMessage {
  readonly role: string;
  /** A string, a list of content parts, or null. */
  readonly content?: unknown;
}

/** A message reduced to its text. */
export interface Turn {
  readonly role: string;
  readonly text: string;
}

/** A request to go on with a text. */
export interface ContinuationRequest {
  /** The messages that the text answers. */
  readonly prompt: readonly Turn[];
  /** The text so far. */
  readonly text: string;
  /** The instruction to continue; absent when the text itself is the last message. */
  readonly instruction?: string;
  /** The words that the instruction says the text goes on with: what stands behind its last colon and a blank line. */
  readonly nextWords?: string;
}

/** The messages with the text of their parts; parts that are no text count as nothing. */
export function turnsOf(messages: readonly WireMessage[]): readonly Turn[] {
  return messages.map(({ role, content }) => ({ role, text: textOf(content) }));
}

/** A conversation read as a request to go on: an assistant's text at its end, or before a last word of the user. */
export function continuationOf(turns: readonly Turn[]): ContinuationRequest | undefined {
  const [before, last] = [turns.at(-2), turns.at(-1)];
  if (last?.role === 'assistant') return { prompt: turns.slice(0, -1), text: last.text };
  if (last?.role !== 'user' || before?.role !== 'assistant') return undefined;
  const [instruction = '', ...rest] = last.text.split(/:\n\n/u);
  return {
    prompt: turns.slice(0, -2),
    text: before.text,
    instruction,
    ...(rest.length > 0 && { nextWords: rest.join(':\n\n') }),
  };
}

const GOING_ON = new RegExp(
  [
    String.raw`\b(?:left|leaves?|cuts?|broken?|breaks?) off\b`,
    String.raw`\bresume\b`,
    String.raw`\binterrupted\b`,
    String.raw`\bexactly (?:where|from|at)\b`,
    String.raw`\bnext (?:word|character)\b`,
    String.raw`\b(?:not|don't|without) repeat`,
    String.raw`\bcontinue (?:the|this|that|your)(?: \w+)? (?:text|answer|reply|response|message|passage)\b`,
    'genau (?:dort|da)',
    'abgebrochen',
    'aufgehört',
    'unterbrochen',
  ].join('|'),
  'iu',
);

/**
 * Whether the user's words ask to go on with a text that broke off, rather than for something new: told from the wording, in English
 * and German. "Continue with chapter two" asks for something new.
 */
export function asksToGoOn(instruction: string): boolean {
  return GOING_ON.test(instruction);
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (isTextPart(part) ? part.text : '')).join('');
}

function isTextPart(part: unknown): part is { readonly text: string } {
  return typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string';
}
