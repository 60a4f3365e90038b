import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * Holds a key so that it is not printed by accident: `toString`, JSON and `inspect` show a mask.
 * @example
 * ```ts
 * const key = new Secret('sk-1234');
 * console.log(`${key}`); // [secret]
 * const headers = { authorization: `Bearer ${key.reveal()}` };
 * ```
 * @see docs/write-a-provider.md
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the key itself. Call it only where the key is sent. */
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
 * Creates a function that masks every occurrence of the secrets in a text.
 *
 * - Longer secrets are masked first, since one may start like another.
 * - A text cut with `…` may end with the start of a secret. That is masked too.
 * - Secrets shorter than 4 characters are not masked, since they would match ordinary words.
 */
export function redactor(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets
    .map((secret) => secret.reveal())
    .filter((value) => value.length >= 4)
    .sort((a, b) => b.length - a.length);
  return (text) => values.reduce((redacted, value) => maskPartial(redacted.replaceAll(value, MASK), value), text);
}

/** The shortest start of a secret that is masked, in characters. */
const MIN_PARTIAL_LENGTH = 8;

function maskPartial(text: string, secret: string): string {
  if (!text.includes('…')) return text;
  return text
    .split('…')
    .map((part, index, parts) => (index === parts.length - 1 ? part : maskEnd(part, secret)))
    .join('…');
}

function maskEnd(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= MIN_PARTIAL_LENGTH; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + MASK;
  }
  return text;
}
