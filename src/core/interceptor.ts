import type { Observable } from 'rxjs';
import type { GenerationEvent } from './events.js';
import type { GenerationRequest } from './request.js';

/** Answers a request. Cold: nothing happens before subscription, and all work stops on unsubscription. */
export type Handler = (request: GenerationRequest) => Observable<GenerationEvent>;

/**
 * Wraps everything further in. Calling `next` runs the inner chain, once per subscription to what it returns; calling it
 * again runs it again. An interceptor may change the request, the events, or both; it must forward events it does not
 * know, and must hand its subscription on, so that cancelling reaches the socket.
 */
export type Interceptor = (request: GenerationRequest, next: Handler) => Observable<GenerationEvent>;

/** The named places of the chain, outermost first. An earlier phase always wraps a later one. */
export const PHASES = ['observe', 'prepare', 'cache', 'continue', 'route', 'recover', 'admit', 'attempt'] as const;

export type Phase = (typeof PHASES)[number];

/** An interceptor with its name (unique in a chain) and its place. */
export interface InterceptorDefinition {
  readonly name: string;
  readonly phase: Phase;
  /** The name of another interceptor of the same phase, which then wraps this one directly. */
  readonly after?: string;
  intercept: Interceptor;
}

/** A class that the container constructs; its dependencies come by token. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a constructor of unknown dependencies, as tsyringe types it
export type InterceptorClass = new (...dependencies: any[]) => InterceptorDefinition;
