import { DEEPEST_JSON } from '../outside/json.js';

/**
 * Copies plain arrays and objects, and freezes the copy deeply: mutating it throws and does not affect others. Instances
 * of other classes (bytes, a signal, a `Secret`) are shared, not copied.
 * @throws RangeError if they are nested deeper than 200 levels, contain themselves, or hold a BigInt: they could not be
 * written as JSON
 */
export function frozenCopy<T>(value: T): T {
  return copied(value, new Map(), 1) as T;
}

function copied(value: unknown, known: Map<object, unknown>, depth: number): unknown {
  if (typeof value === 'bigint') throw new RangeError('contains a BigInt');
  if (typeof value !== 'object' || value === null || !(Array.isArray(value) || isPlain(value))) return value;
  const earlier = known.get(value);
  if (earlier !== undefined) {
    // A copy is frozen once everything in it is copied.
    if (!Object.isFrozen(earlier)) throw new RangeError('contains itself');
    return earlier;
  }
  if (depth > DEEPEST_JSON) throw new RangeError(`is nested deeper than ${DEEPEST_JSON} levels`);
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
  known.set(value, copy);
  for (const [key, item] of Object.entries(value))
    set(copy as Record<string, unknown>, key, copied(item, known, depth + 1));
  return Object.freeze(copy);
}

/** JSON may have a key `__proto__`, which an assignment would not store. */
function set(copy: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(copy, key, { value, enumerable: true });
  else copy[key] = value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
