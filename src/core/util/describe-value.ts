import { inspect } from 'node:util';

/** Describes any value in a few words, for messages. Never throws. */
export function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return 'an object';
  return inspect(value, { maxStringLength: 40 });
}
