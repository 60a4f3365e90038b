import { DEEPEST_JSON } from '../outside/json.js';
import type { Redact } from '../ports.js';
import { maskOfBytes } from './bytes.js';

/** Objects with more values are not searched. */
const MOST_VALUES = 1_000_000;

/**
 * Masks secrets in the texts and keys of plain objects and arrays, and bytes that hold one. Returns the same value if it
 * holds none. Instances of other classes are returned as they are.
 * @throws RangeError if the value is nested deeper than 200 levels, contains itself, or is too large to be searched
 */
export function redactedCopy<T>(value: T, redact: Redact): T {
  return redacted(value, { redact, left: MOST_VALUES }, 0) as T;
}

interface Walk {
  readonly redact: Redact;
  left: number;
}

function redacted(value: unknown, walk: Walk, depth: number): unknown {
  walk.left -= 1;
  if (depth > DEEPEST_JSON || walk.left < 0) throw new RangeError('The value is too deep or too large to be searched.');
  if (typeof value === 'string') return walk.redact(value);
  if (typeof value !== 'object' || value === null) return value;
  const mask = maskOfBytes(value, walk.redact);
  if (mask !== undefined) return mask;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => redacted(item, walk, depth + 1));
    return items.every((item, index) => Object.is(item, value[index])) ? value : items;
  }
  return isPlain(value) ? redactedObject(value as Readonly<Record<string, unknown>>, walk, depth) : value;
}

function redactedObject(value: Readonly<Record<string, unknown>>, walk: Walk, depth: number): unknown {
  const entries = Object.entries(value).map(
    ([key, item]) => [key, walk.redact(key), item, redacted(item, walk, depth + 1)] as const,
  );
  return entries.every(([key, cleanKey, item, cleanItem]) => cleanKey === key && Object.is(cleanItem, item))
    ? value
    : Object.fromEntries(entries.map(([, key, , item]) => [key, item]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
