import { defer, EMPTY, concat, Observable, ReplaySubject, tap } from 'rxjs';
import type { GenerationEvent, Handler, InterceptorDefinition, Stat, StatSink } from 'scriptorium/plugin';
import type { ManualClock } from 'scriptorium/testing';

type Intercept = InterceptorDefinition['intercept'];

const named = (name: string, intercept: Intercept): InterceptorDefinition => ({ name, phase: 'prepare', intercept });

/** Interceptors as careless authors may write them, each with one mistake. */
export const BROKEN_INTERCEPTORS = {
  neverAsks: named('never-asks', () => EMPTY),
  asksTwice: named('asks-twice', (request, next) => concat(next(request), next(request))),
  mutates: named('mutates', (request, next) => {
    (request.messages as unknown[]).push({ role: 'user', content: 'And be kind.' });
    return next(request);
  }),
  mutatesEvents: named('mutates-events', (request, next) =>
    next(request).pipe(
      tap((event) => {
        if (event.type === 'generation-end') (event.usage as { inputTokens: number }).inputTokens = 0;
      }),
    ),
  ),
  swallowsUnsubscription: named(
    'swallows',
    (request, next) =>
      new Observable((subscriber) => {
        next(request).subscribe({
          next: (event) => subscriber.next(event),
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
      }),
  ),
  leaksSubscription: named('leaks', (request, next) =>
    defer(() => {
      watchAside(next(request));
      return next(request);
    }),
  ),
  startsEarly: named('starts-early', (request, next) => {
    const answer = new ReplaySubject<GenerationEvent>();
    next(request).subscribe(answer);
    return answer;
  }),
} as const;

/** Somebody counts words on the side, and never stops. */
function watchAside(events: ReturnType<Handler>): void {
  events.subscribe({ error: () => undefined });
}

/** A mistake that only a clock can show. */
export const leaksATimer = (clock: ManualClock): InterceptorDefinition =>
  named('leaks-a-timer', (request, next) =>
    defer(() => {
      clock.setTimer(3_600_000, () => undefined);
      return next(request);
    }),
  );

/** Keeps everybody waiting. */
function takeTime(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

/** What `record` may be, whatever its type says. */
const sinkNamed = (name: string, record: (stat: Stat) => unknown): StatSink => ({ name, record });

export const BROKEN_SINKS = {
  throws: sinkNamed('throws', () => {
    throw new Error('disk full');
  }),
  rejects: sinkNamed('rejects', () => Promise.reject(new Error('no route'))),
  isSlow: sinkNamed('is-slow', () => takeTime(30)),
  isSlowAtTheEnd: sinkNamed('is-slow-at-the-end', ({ type }) => {
    if (type === 'generation-end') takeTime(30);
  }),
  mutates: sinkNamed('mutates', (stat) => {
    (stat.labels as Record<string, string>).host = 'here';
  }),
} as const;
