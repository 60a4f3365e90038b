import type { Redact } from '../ports.js';
import { redactNothing } from './redactor.js';

/** In place of bytes that hold a secret. */
export const MASKED_BYTES = '[secret bytes]';
/** In place of what may hold a secret, and would take too long to search. */
export const UNSEARCHED = '[too large to search for secrets]';

/** Longer bytes are not searched. */
const MOST_BYTES = 4_000_000;
const WINDOW_BYTES = 1_000_000;
/** A secret that lies across two windows is whole in one of them. */
const OVERLAP_BYTES = 64_000;

/** Returns what must stand in place of a value that is, or stands in JSON for, bytes with a known secret; undefined for others. */
export function maskOfBytes(value: object, redact: Redact): string | undefined {
  if (redact === redactNothing) return undefined;
  const bytes = bytesOf(value);
  if (bytes === undefined) return undefined;
  if (bytes.length > MOST_BYTES) return UNSEARCHED;
  for (let start = 0; start < bytes.length; start += WINDOW_BYTES - OVERLAP_BYTES)
    if (holdsSecret(bytes.toString('latin1', start, start + WINDOW_BYTES), redact)) return MASKED_BYTES;
  return undefined;
}

/** Texts of two bytes a character have a zero byte beside each. */
function holdsSecret(text: string, redact: Redact): boolean {
  return [text, text.replaceAll('\0', '')].some((read) => redact(read) !== read);
}

/** The bytes of a buffer or a typed array, those in an array, or in what `JSON.stringify` makes of them. */
function bytesOf(value: object): Buffer | undefined {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (Array.isArray(value)) return bytesAmong(value);
  const { type, data, 0: first } = value as { readonly type?: unknown; readonly data?: unknown; readonly 0?: unknown };
  if (type === 'Buffer' && Array.isArray(data)) return bytesAmong(data);
  return first === undefined ? undefined : bytesAmong(Object.values(value));
}

/** Other values among them would not keep a reader from the secret. */
function bytesAmong(values: readonly unknown[]): Buffer | undefined {
  const bytes = values.filter(isByte);
  return bytes.length > 0 ? Buffer.from(bytes) : undefined;
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
}
