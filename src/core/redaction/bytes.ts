import type { Redact } from '../ports.js';

/** Longer bytes are not searched: they count as holding a secret. */
const MOST_BYTES = 1_000_000;

/** Whether a value is, or stands in JSON for, bytes that hold a known secret. */
export function holdsSecretBytes(value: object, redact: Redact): boolean {
  const bytes = bytesOf(value);
  if (bytes === undefined) return false;
  if (bytes.length > MOST_BYTES) return true;
  const text = bytes.toString('latin1');
  // Texts of two bytes a character have a zero byte beside each.
  return [text, text.replaceAll('\0', '')].some((read) => redact(read) !== read);
}

/** The bytes of a buffer or a typed array, of an array of bytes, or of what `JSON.stringify` makes of them. */
function bytesOf(value: object): Buffer | undefined {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (Array.isArray(value)) return areBytes(value) ? Buffer.from(value) : undefined;
  const { type, data, 0: first } = value as { readonly type?: unknown; readonly data?: unknown; readonly 0?: unknown };
  if (type === 'Buffer' && Array.isArray(data) && areBytes(data)) return Buffer.from(data);
  if (!isByte(first)) return undefined;
  const values: unknown[] = Object.values(value);
  return areBytes(values) ? Buffer.from(values) : undefined;
}

function areBytes(values: readonly unknown[]): values is readonly number[] {
  return values.length > 0 && values.every(isByte);
}

function isByte(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;
}
