import { Subscription } from 'rxjs';
import type { Observable } from 'rxjs';
import type { GenerationEvent } from '../core/events.js';
import { Backpressure } from '../core/util/backpressure.js';

/** Bytes of memory that may lie unread before the socket is paused, and the amount at which it resumes. */
const MOST_UNREAD = 4 * 1024 * 1024;
const RESUME_AT = MOST_UNREAD / 2;

/**
 * The events of a generation, pulled one by one. Cold: the call is made at the first `next()`. What the reader has not
 * taken waits in a buffer of 4 MB; beyond it the socket is paused until half of it is read. Leaving the loop cancels, and
 * so does `return()`, even while a `next()` is waiting.
 */
export function iterate(
  open: (backpressure: Backpressure) => Observable<GenerationEvent>,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const backpressure = new Backpressure();
  const buffer = new Buffered(backpressure);
  const work = new Subscription();
  const events = read(buffer, work, () => open(backpressure));
  const [finish, fail] = [events.return.bind(events), events.throw.bind(events)];
  // A generator queues `return()` and `throw()` behind the `next()` that waits; the wait is what has to end.
  const leave = (): void => {
    work.unsubscribe();
    buffer.complete();
  };
  const leaving: Pick<typeof events, 'return' | 'throw'> = {
    return: (value) => (leave(), finish(value)),
    throw: (error) => (leave(), fail(error)),
  };
  return Object.assign(events, leaving, {
    [Symbol.asyncDispose]: () => leaving.return(undefined).then(() => undefined),
  });
}

async function* read(
  buffer: Buffered,
  work: Subscription,
  open: () => Observable<GenerationEvent>,
): AsyncGenerator<GenerationEvent, void, undefined> {
  try {
    work.add(open().subscribe(buffer));
    for (;;) {
      const event = await buffer.take();
      if (event === undefined) return;
      yield event;
    }
  } finally {
    work.unsubscribe();
  }
}

/** Between a stream that pushes and a reader who pulls. */
class Buffered {
  private events: GenerationEvent[] = [];
  private at = 0;
  private unread = 0;
  private outcome: { readonly error?: unknown } | undefined;
  private wake = (): void => undefined;

  constructor(private readonly backpressure: Backpressure) {}

  next(event: GenerationEvent): void {
    this.events.push(event);
    this.unread += weigh(event);
    if (this.unread > MOST_UNREAD) this.backpressure.pause();
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

  /** The next event, or nothing after the last one. @throws the stream's error, after everything before it was taken */
  async take(): Promise<GenerationEvent | undefined> {
    while (this.at === this.events.length && this.outcome === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const event = this.events[this.at];
    if (event === undefined) {
      if (this.outcome !== undefined && 'error' in this.outcome) throw this.outcome.error;
      return undefined;
    }
    this.forget(event);
    return event;
  }

  private forget(event: GenerationEvent): void {
    this.at += 1;
    this.unread -= weigh(event);
    if (this.at === this.events.length || this.at > 1024) {
      this.events = this.events.slice(this.at);
      this.at = 0;
    }
    if (this.backpressure.isPaused && this.unread <= RESUME_AT) this.backpressure.resume();
  }
}

/** The rough size of an event beside its text: most texts are a few letters long. */
const EVENT_BYTES = 100;

function weigh(event: GenerationEvent): number {
  return EVENT_BYTES + (event.type === 'text-delta' || event.type === 'reasoning-delta' ? event.delta.length * 2 : 0);
}
