import { createHash } from 'node:crypto';

/** A value that cannot be kept as JSON, and where it is. */
export interface NotJson {
  /** Such as `tools[0].parameters`. */
  readonly path: string;
  /** Such as `a function`. */
  readonly found: string;
}

/** Finds the first value that cannot be kept as JSON. Undefined values of fields count as left out. */
export function notJsonIn(value: unknown, path: string, above: readonly unknown[] = []): NotJson | undefined {
  const found = above.includes(value) ? 'an object that contains itself' : foreignKind(value);
  if (found !== undefined) return { path, found };
  if (typeof value !== 'object' || value === null) return undefined;
  const inside = [...above, value];
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((each: unknown, index) => [`${path}[${index}]`, each] as const)
    : Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
        each === undefined ? [] : [[`${path}.${key}`, each] as const],
      );
  for (const [at, each] of entries) {
    const wrong = notJsonIn(each, at, inside);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function foreignKind(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`;
  if ('~standard' in value) return 'a Standard Schema';
  if (value instanceof AbortSignal) return 'a signal';
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  return `an object of the class ${value.constructor.name}`;
}

/** SHA-256 (hex) of a value as JSON with sorted keys: equal values have equal hashes. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  // A null prototype, so that a field "__proto__" is one like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, each] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) copy[key] = sorted(each);
  return copy;
}
