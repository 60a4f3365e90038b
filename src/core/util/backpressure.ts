import type { Cancel } from '../clock.js';

/** Lets a slow reader pause the socket: the read loop waits for `ready()` before each read. */
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
    for (const proceed of waiting) proceed();
  }

  /** Resolves once reading is not paused. */
  ready(): Promise<void> {
    return this.paused ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  /** Calls `listener` on every change. The returned function removes it. */
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
