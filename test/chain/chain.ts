import type { Observable } from 'rxjs';
import { defer, of, throwError } from 'rxjs';
import { compose } from '../../src/core/compose.js';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { GenerationEnd, GenerationEvent } from '../../src/core/events.js';
import type { Handler, InterceptorDefinition } from '../../src/core/interceptor.js';
import type { GenerationRequest } from '../../src/core/request.js';
import type { TimeoutSettings } from '../../src/core/settings.js';
import { stateOf } from '../../src/core/state.js';
import { checkGrammar } from '../../src/testing/grammar.js';

export const TEXT: GenerationEvent = { type: 'text-delta', delta: 'Call me Ishmael. ' };
export const REASONING: GenerationEvent = { type: 'reasoning-delta', delta: 'A whale, then.', attempt: 1 };
export const TOOL_CALL: GenerationEvent = { type: 'tool-call', index: 0, id: 'call-1', name: 'look', arguments: '{}' };
export const CUSTOM: GenerationEvent = { type: 'custom', name: 'test/mark', payload: { depth: 3 } };

/** The end of a good answer. */
export function anEnd(parts: Partial<GenerationEnd> = {}): GenerationEnd {
  return {
    type: 'generation-end',
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: { inputTokens: 7, outputTokens: 5, source: 'reported' },
    servedFrom: 'provider',
    provider: 'fake',
    model: 'a-model',
    ...parts,
  };
}

/** All timers off. */
export const NO_TIMEOUTS: TimeoutSettings = {
  connectMs: 0,
  headersMs: 0,
  firstTokenMs: 0,
  idleMs: 0,
  contentIdleMs: 0,
  attemptMs: 0,
  queueMs: 0,
  deadlineMs: 0,
};

/** A chain of these interceptors, in this order. */
export function chain(handler: Handler, ...definitions: readonly InterceptorDefinition[]): Handler {
  return compose(definitions, handler);
}

/** Answers the first request with the first stream, and so on; the last one again and again. Counts requests as `attempt-stats` does. */
export function answering(...streams: readonly Observable<GenerationEvent>[]): {
  readonly handler: Handler;
  readonly requests: GenerationRequest[];
} {
  const requests: GenerationRequest[] = [];
  const handler: Handler = (request) =>
    defer(() => {
      requests.push(request);
      stateOf(request).requests += 1;
      return streams[Math.min(requests.length, streams.length) - 1] ?? of(anEnd());
    });
  return { handler, requests };
}

/** Fails with a fresh error at every subscription. */
export function failing(make: () => unknown): Observable<never> {
  return throwError(make);
}

/** A stream, watched: what came of it so far. */
export interface Watched {
  readonly events: GenerationEvent[];
  readonly types: readonly string[];
  readonly isComplete: boolean;
  /** How it failed; throws if it has not, or with anything but a GenerationError. */
  readonly error: GenerationError;
  readonly hasFailed: boolean;
  stop(): void;
}

/** Subscribes, checks the grammar, and keeps what comes. */
export function watch(source: Observable<GenerationEvent>): Watched {
  const events: GenerationEvent[] = [];
  const end: { isComplete: boolean; failures: unknown[] } = { isComplete: false, failures: [] };
  const subscription = source.pipe(checkGrammar()).subscribe({
    next: (event) => void events.push(event),
    error: (error: unknown) => void end.failures.push(error),
    complete: () => {
      end.isComplete = true;
    },
  });
  return {
    events,
    get types() {
      return events.map(({ type }) => type);
    },
    get isComplete() {
      return end.isComplete;
    },
    get hasFailed() {
      return end.failures.length > 0;
    },
    get error() {
      const [error] = end.failures;
      if (!GenerationError.is(error)) throw new Error('Expected a GenerationError', { cause: error });
      return error;
    },
    stop: () => subscription.unsubscribe(),
  };
}
