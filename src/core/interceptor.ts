import type { Observable } from 'rxjs';
import type { GenerationEvent } from './events.js';
import type { GenerationRequest } from './request.js';

/**
 * Answers a request with a cold observable: nothing happens before subscription, and all work stops on unsubscription.
 * @example
 * ```ts
 * const refuse: Handler = ({ model }) =>
 *   throwError(() => new GenerationError('permission', `${model} is not allowed here.`));
 * ```
 * @see docs/interceptors.md
 */
export type Handler = (request: GenerationRequest) => Observable<GenerationEvent>;

/**
 * Wraps the rest of the chain. Each subscription to `next(request)` runs the inner chain once.
 *
 * An interceptor may change the request, the events, or both. It must forward events that it does not know, and must
 * pass its subscription on, so that cancelling reaches the socket.
 * @example
 * ```ts
 * const logText: Interceptor = (request, next) =>
 *   next({ ...request, temperature: 0 }).pipe(
 *     tap((event) => event.type === 'text-delta' && console.log(event.delta)),
 *   );
 * ```
 * @see docs/write-an-interceptor.md
 */
export type Interceptor = (request: GenerationRequest, next: Handler) => Observable<GenerationEvent>;

/** The phases of the chain, outermost first. An earlier phase always wraps a later one. */
export const PHASES = ['observe', 'prepare', 'cache', 'continue', 'route', 'recover', 'admit', 'attempt'] as const;

/** The name of a phase. */
export type Phase = (typeof PHASES)[number];

/**
 * An interceptor with its name and its place in the chain.
 * @example
 * ```ts
 * const tagBook: InterceptorDefinition = {
 *   name: 'tag-book',
 *   phase: 'prepare',
 *   intercept: (request, next) => next({ ...request, headers: { ...request.headers, 'x-book': 'ada' } }),
 * };
 * const pipeline = await createPipeline({ plugins: [openrouter()], interceptors: [tagBook] });
 * ```
 * @see docs/interceptors.md
 */
export interface InterceptorDefinition {
  /** Unique in a chain. */
  readonly name: string;
  readonly phase: Phase;
  /** The name of another interceptor of the same phase. That one then wraps this one directly. */
  readonly after?: string;
  /** The gates of `admission`, for `describe()`. */
  readonly gates?: readonly string[];
  /** What `resume` does with a text that breaks off, for `describe()`. */
  readonly onBreak?: 'resume' | 'restart' | 'fail';
  intercept: Interceptor;
}

/** An interceptor class. The container constructs it and injects its dependencies by token. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a constructor of unknown dependencies, as tsyringe types it
export type InterceptorClass = new (...dependencies: any[]) => InterceptorDefinition;
