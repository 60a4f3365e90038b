import { inspect } from 'node:util';

const MASK = '[secret]';
const MARKER = Symbol.for('scriptorium.secret');

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

  /** Makes `instanceof` hold for secrets of another copy of this package, too. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARKER in value;
  }

  get [MARKER](): true {
    return true;
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
