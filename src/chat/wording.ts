import { GenerationError } from '../core/errors/generation-error.js';
import { cutText, LONGEST_ERROR_TEXT } from '../core/outside/text.js';

const SNIPPET_LENGTH = 200;

/** The first 200 characters of a vendor's message, on one line. */
export function snippet(text: string): string {
  return cutText(cutText(text, LONGEST_ERROR_TEXT).replaceAll(/\s+/g, ' ').trim(), SNIPPET_LENGTH);
}

/** Joins the vendor's message, with or without a full stop, and a sentence that says what to do. */
export function withRemedy(message: string, remedy: string | undefined): string {
  return remedy === undefined ? message : `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${remedy}`;
}

/** The error for a successful status whose body is not a model's answer. Retried once. */
export function unexpectedContent(body: string, status: number): GenerationError {
  const message = `The server answered ${status} with a body that is not a model's answer: "${snippet(body)}". Is a proxy or a login page in between?`;
  return new GenerationError('unexpected-content', message, { status, retryable: true, retryLimit: 1 });
}
