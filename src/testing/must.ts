import { inspect } from 'node:util';

/** @throws Error with this sentence unless it holds */
export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

/** A value as a message shows it. */
export function said(value: unknown): string {
  return value instanceof Error ? value.message : inspect(value, { depth: 1, breakLength: Infinity });
}
