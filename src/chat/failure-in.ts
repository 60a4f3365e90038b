import { errorInObject, failureOfBase } from './error-in-body.js';
import { isGivenUp } from './finish.js';
import { asText } from './json.js';
import type { Json } from './json.js';

/**
 * The error in a chunk or a whole answer, whatever the status of the response: in `error`, in a choice, by a finish reason that
 * says so, in MiniMax's `base_resp`; in an answer without choices also `errors`, `detail`, or the answer itself as
 * `{ code, message }`. Undefined if there is none.
 */
export function failureIn(chunk: Json, choice: Json): unknown {
  if (isError(chunk.error)) return chunk.error;
  if (isError(choice.error)) return choice.error;
  if (isGivenUp(choice)) return givenUp(choice);
  if (chunk.choices == null) return bareFailure(chunk);
  return chunk.base_resp === undefined ? undefined : failureOfBase(chunk);
}

/** Some servers send an error of `false` or "" beside each answer. */
function isError(error: unknown): boolean {
  return error != null && error !== false && error !== '';
}

/** 0, and the statuses of success. */
function isSuccess(code: unknown): boolean {
  const number = Number(code);
  return number === 0 || (number >= 200 && number < 300);
}

/** The error object of an answer that the server has given up; "error" says no more than that. */
function givenUp({ finish_reason: word }: Json): Json {
  return word === 'error' ? {} : { message: `the server gave the answer up (${String(word)})`, code: 503 };
}

/** A text with neither a code nor the type of an error may be an answer of another protocol. */
function bareFailure(chunk: Json): unknown {
  const hasError = ['errors', 'detail', 'base_resp'].some((name) => chunk[name] != null);
  const hasCode = chunk.code != null && !isSuccess(chunk.code);
  const isTold = asText(chunk.message) !== undefined && (hasCode || chunk.type === 'error');
  return hasError || isTold ? errorInObject(chunk) : undefined;
}
