import type { Cancel } from '../clock.js';

/** Lets a slow reader hold the socket back: the pull loop waits for `ready()` before it reads on. */
export class Backpressure {
  private paused = false;
  private waiting: (() => void)[] = [];
  private readonly listeners = new Set<(isPaused: boolean) => void>();

  get isPaused(): boolean {
    return this.paused;
  }

  pause(): void {
    this.change(true);
  }

  resume(): void {
    this.change(false);
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves as soon as nobody holds the backpressure back. */
  ready(): Promise<void> {
    return this.paused ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  /** Hears of every change. */
  onChange(listener: (isPaused: boolean) => void): Cancel {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private change(isPaused: boolean): void {
    if (this.paused === isPaused) return;
    this.paused = isPaused;
    for (const listener of this.listeners) listener(isPaused);
  }
}
