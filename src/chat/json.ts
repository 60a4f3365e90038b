import { parseJson } from '../core/outside/json.js';
import { cutText, LONGEST_ERROR_TEXT } from '../core/outside/text.js';

/**
 * A JSON object sent by a vendor. The readers in this file return undefined (or an empty list) for a value of another
 * shape.
 */
export type Json = Readonly<Record<string, unknown>>;

/** The value if it is an object that is not an array. */
export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The value if it is an array; otherwise an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a non-empty string. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value if it is a non-empty string, cut to 2 KB: the text of an error, before any other work on it. */
export function asErrorText(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined ? undefined : cutText(text, LONGEST_ERROR_TEXT);
}

/** Parses a text as a JSON object. Undefined if it is not one, or nested deeper than 200 levels. */
export function parseObject(text: string): Json | undefined {
  try {
    return asObject(parseJson(text));
  } catch {
    return undefined;
  }
}
