/** Names one value of type `T` in a request's context. Two keys are never the same, whatever they are called. */
export interface ContextKey<T> {
  readonly name: string;
  /** What `get` gives where nobody has set a value. */
  readonly fallback: T;
}

/** The values that a key names. */
export type ContextValue<Key> = Key extends ContextKey<infer T> ? T : never;

/** Makes a key. Keep it in a module constant and share it between who writes and who reads. */
export function contextKey<T>(name: string, fallback: T): ContextKey<T> {
  return { name, fallback };
}

/** What travels with a request beside its content: an immutable map of typed keys. `with` copies; nothing is ever changed in place. */
export class RequestContext {
  static readonly empty = new RequestContext(new Map());

  private constructor(private readonly values: ReadonlyMap<ContextKey<unknown>, unknown>) {}

  get<T>(key: ContextKey<T>): T {
    return this.values.has(key) ? (this.values.get(key) as T) : key.fallback;
  }

  with<T>(key: ContextKey<T>, value: T): RequestContext {
    return new RequestContext(new Map(this.values).set(key, value));
  }
}
