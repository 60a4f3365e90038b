import { GenerationError } from '../core/errors/generation-error.js';
import type { FinishReason } from '../core/events.js';

/** JSON that none of the vendor's shapes fits. What it says goes into no message. */
export function malformed(json: unknown): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The server sent JSON of an unknown shape (${json === null ? 'null' : typeof json}).`,
    { retryable: true, retryLimit: 1 },
  );
}

/** @throws GenerationError: an answer without content is no success, whatever its finish reason */
export function refuseEmpty({ unified, raw }: FinishReason): never {
  if (unified === 'length')
    throw new GenerationError(
      'empty-answer',
      'The token cap was reached before the first word; raise maxTokens, or let the model think less.',
    );
  if (unified === 'content-filter')
    throw new GenerationError(
      'content-filter',
      "The vendor's content filter withheld the answer; change the prompt or the model.",
    );
  throw new GenerationError('empty-answer', `The model ended its answer (${raw ?? unified}) without a word.`, {
    retryable: true,
  });
}

/** The model has said, in place of an answer, why there is none. */
export function refused(words: string): GenerationError {
  const said = words.replaceAll(/\s+/g, ' ').trim();
  return new GenerationError(
    'content-filter',
    `The model refused to answer: ${said.length > 200 ? `${said.slice(0, 200)}…` : said}`,
  );
}

/** An answer that ended before its vendor called it whole. */
export function cutShort(hadContent: boolean): GenerationError {
  return hadContent
    ? new GenerationError('truncated', 'The stream ended without a finish reason, so the answer is not whole.', {
        retryable: true,
      })
    : new GenerationError('empty-answer', 'The stream ended without a word and without a finish reason.', {
        retryable: true,
      });
}
