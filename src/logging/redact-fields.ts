import { Secret } from '../core/secret.js';
import type { LogFields, Redact } from '../core/ports.js';

/** Names of secret fields, as words joined by `_`. */
const SECRET_NAME =
  /(^|_)(authorization|cookie|credentials?|passphrase|password|secret|token|api_?key|(access|client|private|secret)_?key)$|^(user_id|flagged_input)$/;
/** Letters that every secret name has in a row. */
const HINT = /authorization|cookie|credential|passphrase|password|secret|token|key|user|flagged/;
const MASK = '[secret]';
const LONGEST_FIELD = 10_000;
/** Deeper fields are omitted. */
const DEEPEST_FIELD = 8;
/** Maximum number of values per entry; the rest is omitted. */
const MOST_NODES = 1_000;
const LEFT_OUT = '…';

/**
 * Masks fields by name, and known secrets by value, at any depth. Shortens long texts; replaces repeated objects and
 * everything beyond the limits by `…`.
 */
export function redactFields(fields: LogFields, redact: Redact): LogFields {
  return redactValue(fields, { redact, met: new WeakSet(), nodes: 0 }, 0) as LogFields;
}

/** State of one traversal. */
interface Walk {
  readonly redact: Redact;
  /** Objects may be linked in cycles; each is shown where it occurs first. */
  readonly met: WeakSet<object>;
  nodes: number;
}

function redactValue(value: unknown, walk: Walk, depth: number): unknown {
  walk.nodes += 1;
  if (walk.nodes > MOST_NODES) return LEFT_OUT;
  if (typeof value === 'string') return cut(walk.redact(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return MASK;
  if (depth >= DEEPEST_FIELD || walk.met.has(value)) return LEFT_OUT;
  walk.met.add(value);
  return redactObject(value, walk, depth);
}

function redactObject(value: object, walk: Walk, depth: number): unknown {
  const inside = (item: unknown): unknown => redactValue(item, walk, depth + 1);
  if (value instanceof Error) return { name: value.name, message: cut(walk.redact(value.message)) };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return some(value).map(inside);
  if (value instanceof Set) return some([...value]).map(inside);
  const entries =
    value instanceof Map
      ? [...value].map(([key, item]: [unknown, unknown]): [string, unknown] => [nameOf(key), item])
      : Object.entries(value);
  return Object.fromEntries(
    some(entries).map(([name, item]) => [cut(walk.redact(name)), isSecretName(name) ? MASK : inside(item)]),
  );
}

/** The key of a map may be any value. */
function nameOf(key: unknown): string {
  return typeof key === 'object' && key !== null ? '[object]' : String(key);
}

function some<T>(items: readonly T[]): readonly T[] {
  return items.length > MOST_NODES ? items.slice(0, MOST_NODES) : items;
}

/** `accessToken`, `ACCESS_TOKEN` and `access-token` are the same name. */
function isSecretName(name: string): boolean {
  // Most names are out of the question, and a line has many.
  if (!HINT.test(name.toLowerCase())) return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[-. ]/g, '_');
  return SECRET_NAME.test(words.toLowerCase());
}

/** Called after redaction: a shortened secret would not be recognised. */
function cut(text: string): string {
  return text.length > LONGEST_FIELD ? `${text.slice(0, LONGEST_FIELD)}${LEFT_OUT}` : text;
}
