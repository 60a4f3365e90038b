/** The key of one value of type `T` in a request's context. Keys are compared by identity: two with one name differ. */
export interface ContextKey<T> {
  readonly name: string;
  /** The value that `get` returns if none is set. */
  readonly fallback: T;
}

/** The type of a key's value. */
export type ContextValue<Key> = Key extends ContextKey<infer T> ? T : never;

/**
 * Creates a key for `RequestContext`. Keep it in a module constant that the writer and the reader import.
 * @example
 * ```ts
 * export const TENANT = contextKey('tenant', 'unknown');
 * ```
 * @see docs/interceptors.md
 */
export function contextKey<T>(name: string, fallback: T): ContextKey<T> {
  return { name, fallback };
}

const MARKER = Symbol.for('scriptorium.request-context');

/**
 * An immutable map of typed keys that travels with a request.
 * @example
 * ```ts
 * const TENANT = contextKey('tenant', 'unknown');
 *
 * // The caller sets the value, an interceptor reads it.
 * await pipeline.generate({ prompt: 'Write a page.', context: RequestContext.empty.with(TENANT, 'ada') });
 * const tenant = request.context.get(TENANT);
 * ```
 * @see docs/interceptors.md
 */
export class RequestContext {
  static readonly empty = new RequestContext(new Map());

  /** Makes `instanceof` hold for contexts of another copy of this package, too. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARKER in value;
  }

  get [MARKER](): true {
    return true;
  }

  private constructor(private readonly values: ReadonlyMap<ContextKey<unknown>, unknown>) {}

  /** Returns the value of a key, or the key's `fallback` if none is set. */
  get<T>(key: ContextKey<T>): T {
    return this.values.has(key) ? (this.values.get(key) as T) : key.fallback;
  }

  /** Returns a copy in which the key has this value. */
  with<T>(key: ContextKey<T>, value: T): RequestContext {
    return new RequestContext(new Map(this.values).set(key, value));
  }
}
