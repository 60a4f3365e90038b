import type { Redact } from '../ports.js';
import { maskOfBytes, UNSEARCHED } from './bytes.js';
import { redactNothing } from './redactor.js';

/** Objects with more values are not searched. */
const MOST_VALUES = 20_000;

/**
 * Returns what must stand in place of a value, such as the cause of an error, if anything in it is bytes that hold a known
 * secret, or may be; undefined if it is clean.
 */
export function maskOfBytesIn(value: unknown, redact: Redact): string | undefined {
  if (redact === redactNothing) return undefined;
  const [seen, next]: [Set<object>, unknown[]] = [new Set(), [value]];
  for (let item = next.pop(); next.length > 0 || item !== undefined; item = next.pop()) {
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    const mask = seen.size === MOST_VALUES ? UNSEARCHED : maskOfBytes(item, redact);
    if (mask !== undefined) return mask;
    seen.add(item);
    if (ArrayBuffer.isView(item)) continue;
    next.push(...valuesIn(item).filter((each) => typeof each === 'object' && each !== null));
  }
  return undefined;
}

/** The values of an object's own fields, hidden ones too, without calling what computes them. */
function valuesIn(item: object): readonly unknown[] {
  const fields = Object.values(Object.getOwnPropertyDescriptors(item)).map(({ value }): unknown => value);
  if (item instanceof Map) return [...fields, ...item.keys(), ...item.values()];
  return item instanceof Set ? [...fields, ...item] : fields;
}
