import { CONNECTION_GONE } from '../../emulator/exchange.js';

/** The waits of one exchange. They share one listener of its signal, as there is a wait for each delta. */
export class Waits {
  private readonly leaving = new Set<() => void>();

  /** @param signal aborted once the connection is gone */
  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => [...this.leaving].forEach((leave) => leave()), { once: true });
  }

  /**
   * Waits for `start` to resolve, or throws `ConnectionGone` once the connection is gone.
   * @param start begins the wait; the function that it returns ends it early
   */
  orGone(start: (resolve: () => void) => () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) {
        reject(CONNECTION_GONE);
        return;
      }
      const leave = (): void => {
        cancel();
        reject(CONNECTION_GONE);
      };
      const cancel = start(() => {
        this.leaving.delete(leave);
        resolve();
      });
      this.leaving.add(leave);
    });
  }
}
