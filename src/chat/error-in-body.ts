import { asNumber } from '../core/outside/numbers.js';
import { asErrorText, asList, asObject, asText, parseObject } from './json.js';
import type { Json } from './json.js';
import { errorsWithin, wordsOf } from './nested-errors.js';
import { statusOf } from './verdict.js';
import { snippet } from './wording.js';

/**
 * The error in the body of a failed answer, whichever of the usual shapes it has: `{ error: { message, type, code } }`,
 * `{ error: "text" }`, `[{ error }]`, `{ object: "error", message }`, `{ detail }`, `{ errors: [...] }`, `{ code, message }`,
 * `base_resp`. Undefined if it has none.
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * errorInBody('{"detail":[{"loc":["body","top_k"],"msg":"not allowed"}]}')?.message; // 'body.top_k: not allowed'
 * ```
 */
export function errorInBody(body: string): Json | undefined {
  const json = parseObject(body) ?? asObject(listIn(body)[0]);
  return json === undefined ? undefined : errorInObject(json);
}

/** The same of a body that is an object: it has no choices, or another kind of answer. */
export function errorInObject(json: Json): Json | undefined {
  if (json.error != null && json.error !== false) return errorOf(json.error, json);
  const failed = failureOfBase(json);
  if (failed !== undefined) return failed;
  const [first] = asList(json.errors);
  if (first != null) return errorOf({ ...asObject(first), message: wordsOf(json.errors) }, json);
  const isError = ['detail', 'message', 'msg', 'Message', 'errors'].some((name) => wordsOf(json[name]) !== undefined);
  return isError ? errorOf(json) : undefined;
}

/**
 * A value that is known to stand for an error, as an object whose `message` is a text or absent: the server's words, and
 * those of the vendor behind it (`metadata.raw`), wherever and however they stand.
 * @param around the object that holds it, whose fields count where the error has none
 */
export function errorOf(value: unknown, around: Json = {}): Json {
  const error = asObject(value) ?? {};
  const own = wordsOf(value) ?? wordsOf(around.message) ?? wordsOf(around.detail);
  const type = asText(error.type) ?? asText(around.error_type);
  return { ...error, ...(type !== undefined && { type }), message: asErrorText(withUpstream(own, error)) };
}

/** Codes and types of an error and of those that it holds. */
export function codesOf(error: Json): readonly string[] {
  return errorsWithin(error)
    .flatMap(({ code, type, status, reason, error_type, provider_error_code }) => [
      ...[code, type, error_type, status, reason, provider_error_code],
    ])
    .map(asErrorText)
    .filter((word) => word !== undefined);
}

/** The status that one of the errors within an error names, such as that of the vendor behind the server. */
export function statusWithin(error: Json): number | undefined {
  return errorsWithin(error)
    .slice(1)
    .map(statusOf)
    .find((status) => status !== undefined);
}

/** The words of an error from `errorOf` for a message: at most 200 characters, and the vendor behind the server. */
export function reasonOf({ message, metadata }: Json): string {
  const from = asErrorText(asObject(metadata)?.provider_name);
  return snippet(asText(message) ?? 'no reason given') + (from === undefined ? '' : ` (from ${snippet(from)})`);
}

/** "Provider returned error" says nothing: the reason is further in. */
function withUpstream(own: string | undefined, { metadata }: Json): string {
  const { raw, reasons } = asObject(metadata) ?? {};
  const upstream = wordsOf(raw) ?? (raw == null ? undefined : asErrorText(JSON.stringify(raw)));
  const because = asList(reasons).filter((reason) => typeof reason === 'string');
  return [own ?? '', upstream ?? '', because.length === 0 ? '' : `reasons: ${because.join(', ')}`].reduce(
    (text, part) => (part === '' || text.includes(part) ? text : text === '' ? part : `${text}: ${part}`),
  );
}

function listIn(body: string): readonly unknown[] {
  return asList(parseObject(`{"list":${body.trimStart().startsWith('[') ? body : '[]'}}`)?.list);
}

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

/** The error in MiniMax's `base_resp`. */
export function failureOfBase({ base_resp: base }: Json): Json | undefined {
  const { status_code: given, status_msg: words } = asObject(base) ?? {};
  const code = asNumber(given) ?? 0;
  return code === 0 ? undefined : { code: STATUS_OF_CODE[code] ?? 502, message: asText(words) ?? `code ${code}` };
}
