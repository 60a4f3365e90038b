import { Subscription } from 'rxjs';
import type { Observable } from 'rxjs';

/** What happens between a stream and its reader. */
export interface BufferHooks<T> {
  /** A value lies unread now. */
  readonly added?: (value: T) => void;
  /** The reader has taken a value. */
  readonly taken?: (value: T) => void;
  /** The reader waits for a value. */
  readonly wanted?: () => void;
}

/** Between a stream that pushes and a reader who pulls. */
export class Buffered<T extends object> {
  private values: T[] = [];
  private at = 0;
  private outcome: { readonly error?: unknown } | undefined;
  private wake = (): void => undefined;
  private waits = false;

  constructor(private readonly hooks: BufferHooks<T>) {}

  /** The number of values that the reader has not taken. */
  get unread(): number {
    return this.values.length - this.at;
  }

  /** Whether the reader waits for a value. */
  get isAwaited(): boolean {
    return this.waits;
  }

  next(value: T): void {
    this.values.push(value);
    this.waits = false;
    this.hooks.added?.(value);
    this.wake();
  }

  error(error: unknown): void {
    this.outcome ??= { error };
    this.wake();
  }

  complete(): void {
    this.outcome ??= {};
    this.wake();
  }

  /** The next value, or nothing after the last one. @throws the stream's error, after everything before it was taken */
  async take(): Promise<T | undefined> {
    while (this.unread === 0 && this.outcome === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        this.waits = true;
        this.hooks.wanted?.();
      });
    }
    const value = this.values[this.at];
    if (value === undefined) {
      if (this.outcome !== undefined && 'error' in this.outcome) throw this.outcome.error;
      return undefined;
    }
    this.forget();
    this.hooks.taken?.(value);
    return value;
  }

  private forget(): void {
    this.at += 1;
    if (this.at === this.values.length || this.at > 1024) {
      this.values = this.values.slice(this.at);
      this.at = 0;
    }
  }
}

/**
 * The values of a stream, pulled one by one. Cold: the stream is opened at the first `next()`. Leaving the loop unsubscribes,
 * and so does `return()`, even while a `next()` is waiting.
 */
export function pulled<T extends object>(
  buffer: Buffered<T>,
  open: () => Observable<T>,
): AsyncGenerator<T, void, undefined> {
  const work = new Subscription();
  const values = read({ buffer, work, open });
  const [finish, fail] = [values.return.bind(values), values.throw.bind(values)];
  // A generator queues `return()` and `throw()` behind the `next()` that waits; the wait is what has to end.
  const leave = (): void => {
    work.unsubscribe();
    buffer.complete();
  };
  const leaving: Pick<typeof values, 'return' | 'throw'> = {
    return: (value) => (leave(), finish(value)),
    throw: (error) => (leave(), fail(error)),
  };
  return Object.assign(values, leaving, {
    [Symbol.asyncDispose]: () => leaving.return(undefined).then(() => undefined),
  });
}

interface Reading<T extends object> {
  readonly buffer: Buffered<T>;
  readonly work: Subscription;
  readonly open: () => Observable<T>;
}

async function* read<T extends object>({ buffer, work, open }: Reading<T>): AsyncGenerator<T, void, undefined> {
  try {
    work.add(open().subscribe(buffer));
    for (;;) {
      const value = await buffer.take();
      if (value === undefined) return;
      yield value;
    }
  } finally {
    work.unsubscribe();
  }
}
