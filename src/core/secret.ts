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
 * Replaces every occurrence of the secrets in a text, the longer ones first: one may begin like another. Secrets shorter
 * than 4 characters are left: they would hit words.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value.length >= 4).sort((a, b) => b.length - a.length);
  return (text) => values.reduce((redacted, value) => redacted.replaceAll(value, MASK), text);
}
