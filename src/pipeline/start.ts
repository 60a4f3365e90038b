import { firstValueFrom, ReplaySubject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { GenerationEvent } from '../core/events.js';
import { collect } from './collect.js';
import type { CollectOptions } from './collect.js';
import type { GenerationResult } from '../core/result.js';

/** A generation under way: many may watch it, and it is one call. */
export interface Run {
  /** All events from the first one on, whenever it is subscribed to. Unsubscribing only stops watching. */
  readonly events: Observable<GenerationEvent>;
  /** Never causes an unhandled rejection, even if it is not awaited. */
  readonly result: Promise<GenerationResult>;
  /** Ends the call; `events` and `result` fail with `AbortError`, which holds what had been written. */
  cancel(): void;
}

/** Starts a generation at once. @param open makes it, to be ended by the signal */
export function start(open: (signal: AbortSignal) => Observable<GenerationEvent>, options: CollectOptions): Run {
  const controller = new AbortController();
  const events = new ReplaySubject<GenerationEvent>();
  const result = firstValueFrom(events.pipe(collect(options)));
  result.catch(() => undefined);
  open(controller.signal).subscribe(events);
  return { events: events.asObservable(), result, cancel: () => controller.abort() };
}
