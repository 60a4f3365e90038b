/** The same function for one who only observes: what it throws is dropped, because an observer can never fail a request. */
export function guarded<A extends readonly unknown[]>(observe: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      observe(...args);
    } catch {
      // Nobody is left to tell.
    }
  };
}

/** Whether something can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
