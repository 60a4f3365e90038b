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
