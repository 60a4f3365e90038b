import { GenerationError } from './generation-error.js';

/** Whether a status announces an answer: any 1xx but 101, which switches to another protocol and ends HTTP. */
export function isInterimStatus(status: number): boolean {
  return status >= 100 && status <= 199 && status !== 101;
}

/**
 * The error of a transport for a server that sent only an interim answer (1xx), or switched to another protocol (101).
 * @param status the status that came in place of a final one
 * @example
 * ```ts
 * request.once('upgrade', ({ statusCode }) => reject(noFinalAnswer(statusCode)));
 * ```
 */
export function noFinalAnswer(status: number, cause?: unknown): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The server answered ${status} and then nothing: ${status === 101 ? 'it wants to switch to another protocol' : 'that status announces an answer and is not one'}. Check the base URL, and any proxy before the server.`,
    { retryable: true, retryLimit: 1, ...(cause !== undefined && { cause }) },
  );
}
