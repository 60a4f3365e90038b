import { ConnectionGone } from '../../emulator/exchange.js';

/**
 * Waits for `start` to resolve, or throws `ConnectionGone` once the signal is aborted.
 * @param start begins the wait; the function that it returns ends it early
 */
export function orGone(signal: AbortSignal, start: (resolve: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new ConnectionGone());
      return;
    }
    const left = (): void => {
      cancel();
      reject(new ConnectionGone());
    };
    const cancel = start(() => {
      signal.removeEventListener('abort', left);
      resolve();
    });
    signal.addEventListener('abort', left, { once: true });
  });
}
