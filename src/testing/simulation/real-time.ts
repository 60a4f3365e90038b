/** Node's own `setImmediate`, from before any world replaces it. */
const nextTurn = globalThis.setImmediate;

/** Resolves once all microtasks are done: what is left to do waits for an event. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}
