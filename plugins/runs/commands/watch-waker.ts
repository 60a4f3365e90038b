import type { Cancel, Clock } from 'scriptorium/plugin';

/** Changes that come within this time are shown together. */
const GATHER_MS = 250;

/** Lets a loop sleep until something has changed, and wakes it four times a second at the most. */
export class WatchWaker {
  private hasChanged = false;
  private failure: { readonly error: unknown } | undefined;
  private goOn: () => void = () => undefined;
  private cancel: Cancel | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.wakeNow);
  }

  wake(): void {
    this.cancel ??= this.clock.setTimer(GATHER_MS, this.wakeNow);
  }

  fail(error: unknown): void {
    this.failure = { error };
    this.wakeNow();
  }

  /** Resolves after the next change, at once if there was one since the last time. @throws the error passed to `fail` */
  async next(): Promise<void> {
    if (!this.hasChanged)
      await new Promise<void>((resolve) => {
        this.goOn = resolve;
      });
    this.hasChanged = false;
    if (this.failure !== undefined) throw this.failure.error;
  }

  close(): void {
    this.cancel?.();
    this.signal.removeEventListener('abort', this.wakeNow);
  }

  private readonly wakeNow = (): void => {
    this.cancel = undefined;
    this.hasChanged = true;
    this.goOn();
  };
}
