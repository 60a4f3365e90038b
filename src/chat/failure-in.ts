import { asNumber } from '../core/outside/numbers.js';
import { isGivenUp } from './finish.js';
import { asList, asObject, asText } from './json.js';
import type { Json } from './json.js';

/** MiniMax's codes as HTTP statuses. */
const STATUS_OF_CODE: Readonly<Record<number, number>> = {
  1000: 500,
  1001: 504,
  1002: 429,
  1004: 401,
  1008: 402,
  1013: 500,
  1026: 403,
  1027: 403,
  1039: 429,
  2013: 400,
  2049: 401,
};

/**
 * The error in a chunk or a whole answer, whatever the status of the response: in `error`, in a choice, by a finish reason that
 * says so, in MiniMax's `base_resp`; in an answer without choices also `errors`, `detail`, or the answer itself as
 * `{ code, message }`. Undefined if there is none.
 */
export function failureIn(chunk: Json, choice: Json): unknown {
  if (chunk.error != null) return chunk.error;
  if (choice.error != null) return choice.error;
  if (isGivenUp(choice)) return givenUp(choice);
  const code = chunk.base_resp === undefined ? 0 : (asNumber(asObject(chunk.base_resp)?.status_code) ?? 0);
  if (code !== 0)
    return {
      code: STATUS_OF_CODE[code] ?? 502,
      message: asText(asObject(chunk.base_resp)?.status_msg) ?? `code ${code}`,
    };
  return chunk.choices == null ? bareFailure(chunk) : undefined;
}

/** The error object of an answer that the server has given up; "error" says no more than that. */
function givenUp({ finish_reason: word }: Json): Json {
  return word === 'error' ? {} : { message: `the server gave the answer up (${String(word)})`, code: 503 };
}

function bareFailure(chunk: Json): unknown {
  const [first] = asList(chunk.errors);
  if (first != null) return first;
  if (chunk.detail != null) return { message: asText(chunk.detail) ?? JSON.stringify(chunk.detail) };
  const isError = asText(chunk.message) !== undefined && (chunk.code != null || chunk.type === 'error');
  return isError ? chunk : undefined;
}
