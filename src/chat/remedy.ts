import type { ErrorCode } from '../core/errors/codes.js';

/** What to do about a failure: a sentence for an error's code, and for what is behind it where the code says too little. */
export type Remedies = Partial<Record<ErrorCode | 'wrong-address' | 'unknown-model', string>>;

/** A failure, as far as its remedy depends on it. */
export interface Finding {
  readonly code: ErrorCode;
  readonly status: number;
  /** The server's words; `AN_HTML_PAGE` for a page. */
  readonly message: string;
  /** Whether the server has said that the model is gone. */
  readonly isModelGone: boolean;
}

/** Stands for the words of a page, which no API writes. */
export const AN_HTML_PAGE = 'an HTML page';

/** How servers say that they do not know the path. */
const NO_SUCH_PATH =
  /^(404:? )?(page |resource |route |url |endpoint )?not found[.!]?$|^404 page not found|^cannot (post|get) \/|no route matched|^invalid url\b|^unknown (request )?url|requested (url|resource|path)/i;

/**
 * The sentence that says what to do about a failure: a page in place of an error, or an unknown path, is about the address; an
 * unknown model is about its name.
 * @see docs/write-a-provider.md
 */
export function remedyFor({ code, status, message, isModelGone }: Finding, remedies: Remedies): string | undefined {
  if (message === AN_HTML_PAGE) return status < 500 && status !== 429 ? remedies['wrong-address'] : undefined;
  if (code !== 'not-found') return remedies[code];
  if (isModelGone) return remedies['unknown-model'] ?? remedies[code];
  return NO_SUCH_PATH.test(message.trim()) ? (remedies['wrong-address'] ?? remedies[code]) : remedies[code];
}
