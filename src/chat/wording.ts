import type { ErrorCode } from '../core/errors/codes.js';
import { GenerationError } from '../core/errors/generation-error.js';

const SNIPPET_LENGTH = 200;

/** What to do about a failure: a sentence for each code. */
export type Remedies = Partial<Record<ErrorCode, string>>;

/** The beginning of what a vendor said, on one line: at most 200 characters of it. */
export function snippet(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SNIPPET_LENGTH ? `${line.slice(0, SNIPPET_LENGTH)}…` : line;
}

/** The vendor's words, which may or may not end in a full stop, and what to do about it. */
export function withRemedy(message: string, remedy: string | undefined): string {
  return remedy === undefined ? message : `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${remedy}`;
}

/** A good status with a body that is no answer of a model. Worth one more try. */
export function unexpectedContent(body: string, status: number): GenerationError {
  const message = `The server answered ${status} with something that is no answer of a model: "${snippet(body)}". Is a proxy or a login page in the way?`;
  return new GenerationError('unexpected-content', message, { status, retryable: true, retryLimit: 1 });
}
