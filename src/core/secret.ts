import { inspect } from 'node:util';

const MASK = '[secret]';

/** Holds a key so that it cannot be printed by accident: `toString`, JSON and `inspect` show a mask. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The key itself. Call it only where it is sent. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/**
 * Replaces every occurrence of the secrets in a text, the longer ones first: one may begin like another. A text that was
 * cut with `…` may end in the beginning of a secret; that is replaced too. Secrets shorter than 4 characters are left:
 * they would hit words.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets
    .map((secret) => secret.reveal())
    .filter((value) => value.length >= 4)
    .sort((a, b) => b.length - a.length);
  return (text) => values.reduce((redacted, value) => maskBegun(redacted.replaceAll(value, MASK), value), text);
}

/** A beginning of a secret is known as such from here on. */
const SHORTEST_BEGINNING = 8;

function maskBegun(text: string, secret: string): string {
  if (!text.includes('…')) return text;
  return text
    .split('…')
    .map((part, index, parts) => (index === parts.length - 1 ? part : maskEnd(part, secret)))
    .join('…');
}

function maskEnd(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= SHORTEST_BEGINNING; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + MASK;
  }
  return text;
}
