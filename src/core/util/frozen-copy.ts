/**
 * Copies plain arrays and objects, and freezes the copy deeply: mutating it throws and does not affect others. Instances
 * of other classes (bytes, a signal, a `Secret`) are shared, not copied. Circular references are preserved.
 */
export function frozenCopy<T>(value: T): T {
  return copied(value, new Map()) as T;
}

function copied(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || !(Array.isArray(value) || isPlain(value))) return value;
  if (known.has(value)) return known.get(value);
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
  known.set(value, copy);
  for (const [key, item] of Object.entries(value)) set(copy as Record<string, unknown>, key, copied(item, known));
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
