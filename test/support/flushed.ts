/** Resolves after all promises that are settled by now have been handled. */
export function flushed(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
