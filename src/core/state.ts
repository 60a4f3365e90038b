import { Subscription } from 'rxjs';
import type { AttemptRecord } from './attempt.js';
import { Backpressure } from './util/backpressure.js';
import type { Usage } from './usage.js';

/** The attempt that is under way; read by whoever must know what it has brought when it ends in any way. */
export interface CurrentAttempt {
  readonly attempt: number;
  /** Characters of text, reasoning and tool arguments received. */
  characters: number;
  /** Whether the request can have reached a server; undefined while nobody has told. */
  sent: boolean | undefined;
  /** A tool call has begun and is not whole. */
  toolCallsOpen?: boolean;
  usage?: Usage;
  responseId?: string;
}

/** The one mutable thing of a generation. Interceptors share it by reference; nobody outside the chain sees it. */
export interface GenerationState {
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Monotonic milliseconds, written by `deadline`; all waits below respect it. */
  deadlineAt?: number;
  /** Ended attempts, in order. */
  readonly attempts: AttemptRecord[];
  /** Holds the socket back while the reader is slow. */
  readonly backpressure: Backpressure;
  /** The generation has its end: nothing is sent for it any more. */
  hasEnded: boolean;
  /** Attempts under way. Closed with the generation, whatever an interceptor has done with their subscriptions. */
  readonly work: Subscription;
  /** The text that the user has, piece by piece; kept by `resume`. */
  readonly text: string[];
  /** Continuations and restarts so far. */
  splices: number;
  /** Of the present text, the one under way included. */
  segments: number;
  /** How often a route has broken off in the middle of a text, by provider and model. */
  readonly breaks: Map<string, number>;
  /** Real requests begun, the running one included. */
  requests: number;
  current?: CurrentAttempt;
  /** As interceptors have passed them on to the last attempt. */
  labels?: Readonly<Record<string, string>>;
  /** Monotonic milliseconds of the first text or reasoning that the user saw. */
  firstTokenAt?: number;
  /** Routes that have refused us, by provider and model. */
  readonly deadRoutes: Set<string>;
  /** Time spent in admission queues. */
  queueMs: number;
  /** Time spent between attempts. */
  backoffMs: number;
}

/** The state of a generation that has just begun. */
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
    queueMs: 0,
    backoffMs: 0,
  };
}
