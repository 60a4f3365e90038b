import { GenerationError } from '../core/errors/generation-error.js';
import type { FinishReason } from '../core/events.js';
import { DEEPEST_JSON } from '../core/outside/json.js';
import { cutText, LONGEST_ERROR_TEXT } from '../core/outside/text.js';

/** The error for JSON of an unknown shape. The message omits its content. */
export function malformed(json: unknown): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The server sent JSON of an unknown shape (${json === null ? 'null' : typeof json}).`,
    { retryable: true, retryLimit: 1 },
  );
}

/** The error for an answer whose end promises tool calls that never came. */
export function withoutCalls(word: string | null): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The answer ended with "${word ?? 'tool_calls'}", but it has no tool call.`,
    { retryable: true, retryLimit: 1 },
  );
}

/** The error for JSON that is nested too deep, or has too many values. */
export function tooLarge(): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The server sent JSON that is nested deeper than ${DEEPEST_JSON} levels, or has over a million values.`,
    { retryable: true, retryLimit: 1 },
  );
}

/**
 * Rejects an answer without content, whatever its finish reason.
 * @param unknown parts of it that were not understood, in words, if there are any
 * @throws GenerationError always
 */
export function refuseEmpty({ unified, raw }: FinishReason, unknown = ''): never {
  if (unified === 'length')
    throw new GenerationError(
      'empty-answer',
      'Reached the token cap before the first word. Raise maxTokens, or lower the reasoning effort.',
    );
  if (unified === 'content-filter')
    throw new GenerationError(
      'content-filter',
      "The vendor's content filter withheld the answer; change the prompt or the model.",
    );
  if (unknown !== '')
    throw new GenerationError(
      'malformed-answer',
      `The answer has nothing but parts that Scriptorium does not know: ${unknown}.`,
      { retryable: true, retryLimit: 1 },
    );
  throw new GenerationError('empty-answer', `The model returned an empty answer (finish reason: ${raw ?? unified}).`, {
    retryable: true,
  });
}

/** The error for a refusal that the model sent in place of an answer. */
export function refused(words: string): GenerationError {
  const reason = cutText(words, LONGEST_ERROR_TEXT).replaceAll(/\s+/g, ' ').trim();
  return new GenerationError('content-filter', `The model refused to answer: ${cutText(reason, 200)}`);
}

/** The error for an answer that ended before the vendor marked it as complete. */
export function cutShort(hadContent: boolean): GenerationError {
  return hadContent
    ? new GenerationError('truncated', 'The stream ended without a finish reason, so the answer is incomplete.', {
        retryable: true,
      })
    : new GenerationError('empty-answer', 'The stream ended without content and without a finish reason.', {
        retryable: true,
      });
}
