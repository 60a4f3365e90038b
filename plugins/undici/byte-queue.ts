/** Where the bytes come from. */
export interface Source {
  pause(): void;
  resume(): void;
  /** Nobody wants any more. */
  cancel(): void;
}

/** So much is kept for a reader who does not come; then the source is paused. */
const HIGH_WATER_BYTES = 64 * 1024;

interface Waiter {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Bytes from a socket to one reader, who pulls them. A read that waits is answered in the call that brings the bytes. What
 * has come before a failure is read first, unless the failure voids it.
 */
export class ByteQueue implements AsyncIterableIterator<Uint8Array> {
  private chunks: Uint8Array[] = [];
  private size = 0;
  private readonly waiters: Waiter[] = [];
  private isPaused = false;
  private isOver = false;
  private failure: Error | undefined;

  constructor(private readonly source: Source) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(chunk: Uint8Array): void {
    if (this.isOver) return;
    const waiter = this.waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: chunk });
      return;
    }
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < HIGH_WATER_BYTES || this.isPaused) return;
    this.isPaused = true;
    this.source.pause();
  }

  /** Puts back what was read last. */
  unread(chunk: Uint8Array): void {
    this.chunks.unshift(chunk);
    this.size += chunk.length;
  }

  end(): void {
    this.isOver = true;
    for (const { resolve } of this.waiters.splice(0)) resolve({ done: true, value: undefined });
  }

  fail(error: Error, { isVoid }: { readonly isVoid: boolean }): void {
    if (isVoid) this.chunks = [];
    if (this.isOver) return;
    this.isOver = true;
    const [first, ...rest] = this.waiters.splice(0);
    if (first === undefined) this.failure = error;
    else first.reject(error);
    for (const { resolve } of rest) resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.chunks.shift();
    if (chunk !== undefined) {
      this.size -= chunk.length;
      if (this.isPaused && this.chunks.length === 0) this.goOn();
      return Promise.resolve({ done: false, value: chunk });
    }
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.chunks = [];
    this.failure = undefined;
    if (!this.isOver) {
      this.end();
      this.source.cancel();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  private goOn(): void {
    this.isPaused = false;
    this.source.resume();
  }
}
