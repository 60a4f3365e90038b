import type { Context } from '@opentelemetry/api';
import { Observable, Subject, takeUntil, tap } from 'rxjs';
import type { GenerationEvent, GenerationRequest, Interceptor } from 'scriptorium/plugin';
import type { Guard } from './guard.js';
import type { Api } from './load.js';
import type { Observation, OpenSpan } from './observation.js';
import { withTraceparent } from './traceparent.js';

export interface InterceptorParts {
  readonly api: Api;
  readonly observation: Observation;
  readonly guard: Guard;
  /** Whether requests carry it. */
  readonly traceparent: boolean;
}

/**
 * Begins the span of a generation, inside the span that is active where it is subscribed to. The work runs in the context
 * of the new span; the subscriber hears of it in its own, so that what it begins is not taken for a part of this one.
 */
export function generationSpans({ api, observation, guard }: InterceptorParts): Interceptor {
  return (request, next) =>
    new Observable((subscriber) => {
      const outside = guard(() => api.context.active()) ?? api.ROOT_CONTEXT;
      const runIn = contextSwitch(api, guard);
      const open = guard(() => observation.beginGeneration(request, outside));
      const stop = new Subject<void>();
      subscriber.add(() => stop.next());
      subscriber.add(() => abandonLater({ observation, guard, open }));
      const tell = (run: () => void): void => runIn(outside, run);
      runIn(open?.context ?? outside, () => {
        next(request)
          .pipe(takeUntil(stop))
          .subscribe({
            next: (event) => {
              if (event.type === 'generation-end' && open !== undefined) open.answer = event;
              tell(() => subscriber.next(event));
            },
            error: (error: unknown) => tell(() => subscriber.error(error)),
            complete: () => tell(() => subscriber.complete()),
          });
      });
    });
}

/** Runs work in a context; as it is, if the program's context manager throws. */
function contextSwitch(api: Api, guard: Guard): (context: Context, run: () => void) => void {
  const works = guard(() => api.context.with(api.context.active(), () => true)) === true;
  return works ? (context, run) => api.context.with(context, run) : (_context, run) => run();
}

/** Begins the span of an attempt, and sends its name along. What another instrumentation sees of the request is inside of it. */
export function attemptSpans({ api, observation, guard, traceparent }: InterceptorParts): Interceptor {
  return (request, next) =>
    new Observable<GenerationEvent>((subscriber) => {
      const open = guard(() => observation.beginAttempt(request, api.context.active()));
      if (open === undefined) return next(request).subscribe(subscriber);
      subscriber.add(() => abandonLater({ observation, guard, open }));
      const sent = traceparent ? (guard(() => withSpan(api, request, open)) ?? request) : request;
      const see = guard(() => observation.chunks(request, open)) ?? (() => undefined);
      contextSwitch(api, guard)(open.context, () => {
        next(sent)
          .pipe(tap((event) => guard(() => see(event))))
          .subscribe(subscriber);
      });
      return undefined;
    });
}

/** The request with the name of a span that is recorded. */
function withSpan(api: Api, request: GenerationRequest, { span }: OpenSpan): GenerationRequest {
  const context = span.spanContext();
  return api.isSpanContextValid(context) ? { ...request, headers: withTraceparent(request.headers, context) } : request;
}

/** The stat that ends a span comes in the same turn as the end of the work. */
function abandonLater({
  observation,
  guard,
  open,
}: Pick<InterceptorParts, 'observation' | 'guard'> & { readonly open: OpenSpan | undefined }): void {
  if (open !== undefined) queueMicrotask(() => guard(() => observation.abandon(open)));
}
