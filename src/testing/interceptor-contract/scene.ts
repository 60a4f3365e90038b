import { Observable } from 'rxjs';
import { compose } from '../../core/compose.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import { frozenCopy } from '../../core/util/frozen-copy.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import { checkGrammar } from '../grammar.js';
import { ManualClock } from '../manual-clock.js';
import { ANSWER, aFullRequest } from './told.js';

/** Makes the interceptor under proof: a new one for each promise. What it times is to be timed by this clock. */
export type MakeInterceptor = (clock: ManualClock) => InterceptorDefinition | Promise<InterceptorDefinition>;

/** One interceptor, what stands further in, and what can be seen of both. */
export interface InterceptorScene {
  readonly definition: InterceptorDefinition;
  readonly clock: ManualClock;
  readonly request: GenerationRequest;
  readonly inner: Inner;
  /** Subscribes to the interceptor's answer, in a chain of its own. */
  readonly watch: () => InterceptorRun;
  /** Lets time pass, minutes of it, and everything that waits for another turn of the event loop. */
  readonly settle: () => Promise<void>;
}

/** The handler behind `next`. Its events are frozen copies, so that changing one throws. By default it answers at once and wholly. */
export interface Inner {
  readonly handler: Handler;
  /** Subscriptions so far, and those that are still open. */
  readonly asked: number;
  readonly open: number;
  /** From now on it is a model that says this much and then nothing more, or fails. */
  readonly answerWith: (events: readonly GenerationEvent[], ending: 'complete' | 'silence' | GenerationError) => void;
}

export interface InterceptorRun {
  readonly events: readonly GenerationEvent[];
  readonly isComplete: boolean;
  readonly failure: unknown;
  stop(): void;
}

/** Turns of the event loop that an interceptor may take before it asks, answers or ends. */
const TURNS = 20;
const TURN_MS = 15_000;

export async function inScene(make: MakeInterceptor, check: (scene: InterceptorScene) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const definition = await make(clock);
  const inner = newInner();
  const request = aFullRequest();
  const runs: InterceptorRun[] = [];
  await check({
    definition,
    clock,
    inner,
    request,
    watch: () => {
      const run = watch(compose([definition], inner.handler)({ ...request }));
      runs.push(run);
      return run;
    },
    settle: async () => {
      for (let turn = 0; turn < TURNS; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(TURN_MS);
      }
    },
  }).finally(() => runs.forEach((run) => run.stop()));
}

function newInner(): Inner {
  let [asked, open] = [0, 0];
  let [events, ending]: Parameters<Inner['answerWith']> = [ANSWER, 'complete'];
  const handler: Handler = () =>
    new Observable((subscriber) => {
      [asked, open] = [asked + 1, open + 1];
      subscriber.add(() => {
        open -= 1;
      });
      for (const event of events) subscriber.next(frozenCopy(event));
      if (ending === 'complete') subscriber.complete();
      else if (ending !== 'silence') subscriber.error(ending);
    });
  return {
    handler,
    get asked() {
      return asked;
    },
    get open() {
      return open;
    },
    answerWith: (...told) => {
      [events, ending] = told;
    },
  };
}

function watch(source: Observable<GenerationEvent>): InterceptorRun {
  const events: GenerationEvent[] = [];
  const end: { isComplete: boolean; failure: unknown } = { isComplete: false, failure: undefined };
  const subscription = source.pipe(checkGrammar()).subscribe({
    next: (event) => void events.push(event),
    error: (error: unknown) => {
      end.failure = error;
    },
    complete: () => {
      end.isComplete = true;
    },
  });
  return {
    events,
    get isComplete() {
      return end.isComplete;
    },
    get failure() {
      return end.failure;
    },
    stop: () => subscription.unsubscribe(),
  };
}
