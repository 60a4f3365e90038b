import { inspect } from 'node:util';

const LONGEST = 100;
/** What looks like a vendor's key may have been pasted into the wrong place. */
const KEY = /\b(sk|pk|rk)-[\w-]{8,}/g;

/** A value as a message may show it: on one line, not endless, and without what looks like a key. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: LONGEST });
  return shownText(text);
}

/** A text that is shown for itself: not endless, and without what looks like a key. */
export function shownText(text: string): string {
  const masked = text.replaceAll(KEY, '[secret]');
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked;
}
