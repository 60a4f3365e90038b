import type { Cancel, Clock } from 'scriptorium/plugin';

/** After changes elsewhere, the engine claims at most so often. */
const SOON_MS = 250;

/** Lets a loop sleep until there may be something to do. */
export class Waker {
  private isAwake = false;
  private cancelSoon: Cancel | undefined;
  private goOn: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** Ends the sleep, or the next one if it has not begun. */
  wake(): void {
    this.isAwake = true;
    this.goOn();
  }

  /** The same in a moment: many changes end one sleep. */
  wakeSoon(): void {
    this.cancelSoon ??= this.clock.setTimer(SOON_MS, () => {
      this.cancelSoon = undefined;
      this.wake();
    });
  }

  /** Sleeps for so many milliseconds at the most. Returns at once if `wake` was called since the last sleep. */
  async sleep(ms?: number): Promise<void> {
    if (!this.isAwake) await this.woken(ms);
    this.isAwake = false;
  }

  close(): void {
    this.cancelSoon?.();
  }

  private woken(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = ms === undefined ? undefined : this.clock.setTimer(ms, () => this.goOn());
      this.goOn = () => {
        this.goOn = () => undefined;
        cancel?.();
        resolve();
      };
    });
  }
}
