import { asErrorText, asList, asObject, parseObject } from 'scriptorium/provider';
import type { Json } from 'scriptorium/provider';

/**
 * The error object of a failed answer's body, whichever of the usual shapes it has: OpenAI's `{ error: { message, type, code } }`,
 * a bare `{ error: "text" }`, Mistral's `{ object: "error", message, type }`, FastAPI's `{ detail }`. Undefined if it has none.
 */
export function errorIn(body: string): Json | undefined {
  const json = parseObject(body);
  if (json === undefined) return undefined;
  if (json.error != null) return errorOf(json.error);
  return json.detail !== undefined || json.message !== undefined ? errorOf(json) : undefined;
}

/** The same of a value that is known to stand for an error. Its `message` is a text or absent. */
export function errorOf(value: unknown): Json {
  const error = asObject(value) ?? { message: value };
  const message = textOf(error.message) ?? textOf(error.detail);
  return { ...error, message };
}

/** Of a list of complaints, and of the path of one, so many are read. */
const MOST_COMPLAINTS = 20;

/** What a text, a list of complaints (`{ loc, msg }`), or an object that holds either, says. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return asErrorText(value);
  if (Array.isArray(value))
    return asErrorText(
      asList(value)
        .slice(0, MOST_COMPLAINTS)
        .map((complaint) => complaintText(asObject(complaint)))
        .filter((text) => text !== '')
        .join('; '),
    );
  const object = asObject(value);
  return object === undefined ? undefined : (textOf(object.detail) ?? textOf(object.message));
}

function complaintText(complaint: Json | undefined): string {
  const where = asList(complaint?.loc)
    .slice(0, MOST_COMPLAINTS)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join('.');
  const what = asErrorText(complaint?.msg) ?? '';
  return where === '' || what === '' ? what : `${where}: ${what}`;
}
