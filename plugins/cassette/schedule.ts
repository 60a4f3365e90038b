import { AbortError } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';

/** The times of one exchange, which begins when the schedule is made. */
export interface Schedule {
  /** Waits for that time. @throws AbortError as soon as the reader leaves */
  at(ms: number): Promise<void>;
  /** Waits until the reader leaves. @throws AbortError then */
  never(): Promise<never>;
}

export interface ScheduleParts {
  readonly clock: Clock;
  /** Aborts when the reader leaves. */
  readonly signal: AbortSignal;
  /** Those that wait, to be sent away when the transport is closed. */
  readonly waiting: Set<() => void>;
  /** `instant`: every time has come. */
  readonly pace: 'instant' | 'recorded';
}

export function schedule({ clock, pace, ...reader }: ScheduleParts): Schedule {
  const startedAt = clock.monotonic();
  return {
    at: async (ms) => {
      if (reader.signal.aborted) throw new AbortError();
      const waitMs = pace === 'instant' ? 0 : startedAt + ms - clock.monotonic();
      if (waitMs > 0) await untilLeft(reader, (resolve) => clock.setTimer(waitMs, resolve));
    },
    never: () => untilLeft<never>(reader, () => () => undefined),
  };
}

/** @param wait begins to wait for something, and tells how to stop */
function untilLeft<T = void>(
  { signal, waiting }: Pick<ScheduleParts, 'signal' | 'waiting'>,
  wait: (resolve: (value: T) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = wait((value) => {
      forget();
      resolve(value);
    });
    const leave = (): void => {
      stop();
      forget();
      reject(new AbortError());
    };
    const forget = (): void => {
      signal.removeEventListener('abort', leave);
      waiting.delete(leave);
    };
    signal.addEventListener('abort', leave);
    waiting.add(leave);
    if (signal.aborted) leave();
  });
}
