/** Thrown by whatever a simulated server waits for once its client has gone. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/**
 * Waits for `start` to resolve, or throws `ClientGone` once the signal is aborted.
 * @param start begins the wait; the function that it returns ends it early
 */
export function orGone(signal: AbortSignal, start: (resolve: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new ClientGone());
      return;
    }
    const left = (): void => {
      cancel();
      reject(new ClientGone());
    };
    const cancel = start(() => {
      signal.removeEventListener('abort', left);
      resolve();
    });
    signal.addEventListener('abort', left, { once: true });
  });
}
