import { Subscription } from 'rxjs';
import type { AttemptRecord } from './attempt.js';
import { GenerationError } from './errors/generation-error.js';
import type { GenerationRequest } from './request.js';
import { Backpressure } from './util/backpressure.js';
import type { Usage } from './usage.js';

/** The state of the running attempt. It remains readable however the attempt ends. */
export interface CurrentAttempt {
  readonly attempt: number;
  /** Characters of text, reasoning and tool arguments received. */
  characters: number;
  /** Whether the request may have reached a server. Undefined until it is reported. */
  sent: boolean | undefined;
  /** Whether a tool call has started and is not whole. */
  toolCallsOpen?: boolean;
  usage?: Usage;
  /** An interceptor inside the attempt works while no answer is under way: the server owes nothing. */
  isHeld?: boolean;
  /** The usage at the end of the provider's answer, whether or not that end is passed on. */
  finalUsage?: Usage;
  responseId?: string;
}

/**
 * The mutable state of a generation. The built-in interceptors share it by reference; it is not part of the public
 * request.
 */
export interface GenerationState {
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Monotonic milliseconds. Set by `deadline`; all inner waits respect it. */
  deadlineAt?: number;
  /** Attempts that have ended, in order. */
  readonly attempts: AttemptRecord[];
  /** Pauses the socket while the reader is slow. */
  readonly backpressure: Backpressure;
  /** Whether the generation has ended. No further request is sent then. */
  hasEnded: boolean;
  /**
   * The running attempts. They are cancelled when the generation ends, even if an interceptor lost their subscriptions.
   */
  readonly work: Subscription;
  /** The text delivered to the caller, in pieces. Maintained by `resume`. */
  readonly text: string[];
  /** Continuations and restarts so far. */
  splices: number;
  /** Segments of the current text, including the running one. */
  segments: number;
  /** The number of times that a route broke off within a text, by provider and model. */
  readonly breaks: Map<string, number>;
  /** Real requests started, including the running one. */
  requests: number;
  current?: CurrentAttempt;
  /** The labels of the last attempt, after all interceptors. */
  labels?: Readonly<Record<string, string>>;
  /** Monotonic milliseconds of the first text or reasoning that the caller received. */
  firstTokenAt?: number;
  /** Routes that have refused the generation, by provider and model. */
  readonly deadRoutes: Set<string>;
  /** What providers have warned of: the same words are passed on once. */
  readonly warnings: Set<string>;
  /** Milliseconds spent in admission queues. */
  queueMs: number;
  /** Milliseconds spent between attempts. */
  backoffMs: number;
}

/**
 * Creates the state of a new generation.
 * @param startedAt monotonic milliseconds
 */
export function newGenerationState(startedAt: number, backpressure = new Backpressure()): GenerationState {
  return {
    startedAt,
    backpressure,
    attempts: [],
    hasEnded: false,
    work: new Subscription(),
    text: [],
    splices: 0,
    segments: 1,
    breaks: new Map(),
    requests: 0,
    deadRoutes: new Set(),
    warnings: new Set(),
    queueMs: 0,
    backoffMs: 0,
  };
}

/** A symbol, so that a copy by spread keeps the state, and JSON and `Object.keys` leave it out. */
export const STATE: unique symbol = Symbol.for('scriptorium.state');

/** A request that belongs to a generation. */
export interface Stateful extends GenerationRequest {
  readonly [STATE]?: GenerationState;
}

/**
 * Returns the state of the generation that a request belongs to.
 * @throws GenerationError `internal` if the request was built outside a pipeline
 */
export function stateOf(request: Stateful): GenerationState {
  const state = request[STATE];
  if (state === undefined) throw withoutState(request);
  return state;
}

/** Returns a copy of a request, or of parts of one, that belongs to the generation of this state. */
export function withState<R extends Partial<GenerationRequest>>(request: R, state: GenerationState): R {
  return { ...request, [STATE]: state };
}

/** Returns `to` with the state of `from`: `to` itself unless it was built afresh, or is from another generation. */
export function keepState(from: Stateful, to: Stateful): GenerationRequest {
  const state = from[STATE];
  return state === undefined || to[STATE] === state ? to : withState(to, state);
}

function withoutState({ id }: GenerationRequest): GenerationError {
  return new GenerationError(
    'internal',
    `The request "${id}" has no generation state. Run it in a pipeline; in a test, make it with aRequest().`,
  );
}
