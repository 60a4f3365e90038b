import { Secret } from '../core/secret.js';
import type { LogFields, Redact } from '../core/ports.js';

/** Fields whose very name says that they are not to be shown. */
const SECRET_NAME = /(^|[-_])(authorization|cookie|password|secret|token)$|api[-_]?key$|^(user_id|flagged_input)$/i;
const MASK = '[secret]';
const LONGEST_FIELD = 10_000;
/** What lies deeper is left out; so is the rest of an object that contains itself. */
const DEEPEST_FIELD = 8;

/** Masks fields by name, and known secrets by value, at any depth. Long texts are cut. */
export function redactFields(fields: LogFields, redact: Redact): LogFields {
  return redactValue(fields, redact, 0) as LogFields;
}

function redactValue(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return cut(redact(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return { name: value.name, message: cut(redact(value.message)) };
  if (value instanceof Secret) return MASK;
  if (depth >= DEEPEST_FIELD) return '…';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, SECRET_NAME.test(name) ? MASK : redactValue(field, redact, depth + 1)]));
}

/** Only after redaction: half a secret would not be known again. */
function cut(text: string): string {
  return text.length > LONGEST_FIELD ? `${text.slice(0, LONGEST_FIELD)}…` : text;
}
