import { dateTimestampProvider } from 'rxjs/internal/scheduler/dateTimestampProvider';
import { intervalProvider } from 'rxjs/internal/scheduler/intervalProvider';
import { performanceTimestampProvider } from 'rxjs/internal/scheduler/performanceTimestampProvider';
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider';
import type { Cancel, Clock } from '../../core/clock.js';

/** Lets RxJS's schedulers (`timer`, `delay`, `debounceTime` …) run on a clock. Returns the function that undoes it. */
export function rxjsOn(clock: Clock): Cancel {
  const handles = new Map<number, Cancel>();
  let last = 0;
  const clear = (handle: unknown): void => {
    handles.get(handle as number)?.();
    handles.delete(handle as number);
  };
  const start = (run: () => void, ms: number, isRepeated: boolean): number => {
    const handle = (last += 1);
    const tick = (): void => {
      if (isRepeated) handles.set(handle, clock.setTimer(ms, tick));
      else handles.delete(handle);
      run();
    };
    handles.set(handle, clock.setTimer(ms, tick));
    return handle;
  };
  intervalProvider.delegate = { setInterval: (run, ms = 0) => start(run, ms, true), clearInterval: clear };
  timeoutProvider.delegate = { setTimeout: (run, ms = 0) => start(run, ms, false), clearTimeout: clear };
  dateTimestampProvider.delegate = { now: () => clock.now() };
  performanceTimestampProvider.delegate = { now: () => clock.monotonic() };
  return () => {
    intervalProvider.delegate = undefined;
    timeoutProvider.delegate = undefined;
    dateTimestampProvider.delegate = undefined;
    performanceTimestampProvider.delegate = undefined;
    for (const cancel of handles.values()) cancel();
  };
}
