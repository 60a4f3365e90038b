/** Wraps an observer's function so that it never throws: an observer must not fail a request. */
export function guarded<A extends readonly unknown[]>(observe: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      observe(...args);
    } catch {
      // Dropped on purpose.
    }
  };
}
