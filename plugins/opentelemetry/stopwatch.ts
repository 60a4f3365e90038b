import type { HrTime } from '@opentelemetry/api';
import type { Clock } from 'scriptorium/plugin';

/** Tells the time of day that began with the clock's and goes on with its monotonic one: a span never ends before its start. */
export function stopwatch(clock: Clock): () => HrTime {
  const [now, monotonic] = [clock.now(), clock.monotonic()];
  return () => hrTime(now + clock.monotonic() - monotonic);
}

/** Epoch milliseconds as the seconds and nanoseconds that are never taken for anything else. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
