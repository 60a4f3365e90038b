/**
 * A copy of plain lists and objects, frozen to the bottom, so that who changes it by mistake is told at once and harms nobody
 * else. Anything with a class of its own (bytes, a signal, a `Secret`) is shared as it is; a circle stays one.
 */
export function frozenCopy<T>(value: T): T {
  return copied(value, new Map()) as T;
}

function copied(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || !(Array.isArray(value) || isPlain(value))) return value;
  if (known.has(value)) return known.get(value);
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
  known.set(value, copy);
  for (const [key, item] of Object.entries(value))
    Object.defineProperty(copy, key, { value: copied(item, known), enumerable: true });
  return Object.freeze(copy);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
