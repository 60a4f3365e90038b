import { Secret } from '../core/secret.js';
import type { LogFields, Redact } from '../core/ports.js';

/** Fields whose very name says that they are not to be shown, in words joined by `_`. */
const SECRET_NAME =
  /(^|_)(authorization|cookie|credentials?|passphrase|password|secret|token|api_?key|(access|client|private|secret)_?key)$|^(user_id|flagged_input)$/;
const MASK = '[secret]';
const LONGEST_FIELD = 10_000;
/** What lies deeper is left out. */
const DEEPEST_FIELD = 8;
/** Values of one entry; the rest is left out. */
const MOST_NODES = 1_000;
const LEFT_OUT = '…';

/** Masks fields by name, and known secrets by value, at any depth. Long texts are cut; of what is met again, or is too much, only `…` is left. */
export function redactFields(fields: LogFields, redact: Redact): LogFields {
  return redactValue(fields, { redact, met: new WeakSet(), nodes: 0 }, 0) as LogFields;
}

/** One walk through the fields. */
interface Walk {
  readonly redact: Redact;
  /** Objects may be interlinked: each is shown where it is met first. */
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
      ? [...value].map(([key, item]: [unknown, unknown]): [string, unknown] => [nameOf(key, walk.redact), item])
      : Object.entries(value);
  return Object.fromEntries(some(entries).map(([name, item]) => [name, isSecretName(name) ? MASK : inside(item)]));
}

/** A map's key need not be a text. */
function nameOf(key: unknown, redact: Redact): string {
  return typeof key === 'object' && key !== null ? '[object]' : redact(String(key));
}

function some<T>(items: readonly T[]): readonly T[] {
  return items.length > MOST_NODES ? items.slice(0, MOST_NODES) : items;
}

/** `accessToken`, `ACCESS_TOKEN` and `access-token` are the same name. */
function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[-. ]/g, '_');
  return SECRET_NAME.test(words.toLowerCase());
}

/** Only after redaction: half a secret would not be known again. */
function cut(text: string): string {
  return text.length > LONGEST_FIELD ? `${text.slice(0, LONGEST_FIELD)}${LEFT_OUT}` : text;
}
