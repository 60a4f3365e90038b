import type { Redact } from '../ports.js';
import { holdsSecretBytes } from './bytes.js';

/** Objects with more values are not searched: they count as holding a secret. */
const MOST_VALUES = 20_000;

/** Whether anything in a value, such as a request in the cause of an error, is bytes that hold a known secret. */
export function hasSecretBytes(value: unknown, redact: Redact): boolean {
  const [seen, next]: [Set<object>, unknown[]] = [new Set(), [value]];
  for (let item = next.pop(); next.length > 0 || item !== undefined; item = next.pop()) {
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    if (seen.size === MOST_VALUES || holdsSecretBytes(item, redact)) return true;
    seen.add(item);
    if (ArrayBuffer.isView(item)) continue;
    next.push(...valuesIn(item).filter((each) => typeof each === 'object' && each !== null));
  }
  return false;
}

/** The values of an object's own fields, hidden ones too, without calling what computes them. */
function valuesIn(item: object): readonly unknown[] {
  const fields = Object.values(Object.getOwnPropertyDescriptors(item)).map(({ value }): unknown => value);
  if (item instanceof Map) return [...fields, ...item.keys(), ...item.values()];
  return item instanceof Set ? [...fields, ...item] : fields;
}
