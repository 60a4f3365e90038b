import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { compose } from '../../core/compose.js';
import type { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import { frozenCopy } from '../../core/util/frozen-copy.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import { checkGrammar } from '../grammar.js';
import { ManualClock } from '../manual-clock.js';
import { ANSWER, aFullRequest } from './told.js';

/** Makes the interceptor under proof: a new one at each call. What it times is to be timed by this clock. */
export type MakeInterceptor = (clock: ManualClock) => InterceptorDefinition | Promise<InterceptorDefinition>;

/** An interceptor under proof, and what it is about. */
export interface InterceptorContract {
  readonly make: MakeInterceptor;
  /** Parts of the request that switch it on, such as `{ temperature: 0 }`. */
  readonly request?: Partial<GenerationRequest>;
  /**
   * Texts that it accepts, each by itself. The suite plays `voided` where it is void afterwards, as before a restart. For an
   * interceptor that refuses some texts, choose two that it would refuse together: `{ voided: 'Far from th', whole: 'e sea.' }`
   * if it refuses the word "the".
   */
  readonly texts?: { readonly voided: string; readonly whole: string };
}

/** One interceptor, what stands further in, and what can be seen of both. */
export interface InterceptorScene {
  readonly definition: InterceptorDefinition;
  readonly clock: ManualClock;
  readonly request: GenerationRequest;
  readonly inner: Inner;
  /** Subscribes to the interceptor's answer to a request, in a chain of its own. */
  readonly watch: (request?: GenerationRequest) => InterceptorRun;
  /** Subscribes to a stream. */
  readonly follow: (events: Observable<GenerationEvent>) => InterceptorRun;
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
  readonly answerWith: (events: readonly GenerationEvent[], ending: Script['ending']) => void;
  /** From now on each subscription gets the script for its request. @param write called with the number of subscriptions so far, from 1 */
  readonly answerBy: (write: (request: GenerationRequest, asked: number) => Script) => void;
}

/** What a model says. */
export interface Script {
  readonly events: readonly GenerationEvent[];
  readonly ending: 'complete' | 'silence' | GenerationError;
  /** One event a turn of the event loop, rather than all at once. */
  readonly isPaced?: boolean;
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

export async function inScene(
  { make, request: parts }: InterceptorContract,
  check: (scene: InterceptorScene) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  const definition = await make(clock);
  const inner = newInner();
  const request = aFullRequest(parts);
  const runs: InterceptorRun[] = [];
  const follow = (events: Observable<GenerationEvent>): InterceptorRun => {
    const run = watch(events);
    runs.push(run);
    return run;
  };
  await check({
    definition,
    clock,
    inner,
    request,
    follow,
    watch: (asked = request) => follow(compose([definition], inner.handler)({ ...asked })),
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
  let scriptOf: Parameters<Inner['answerBy']>[0] = () => ({ events: ANSWER, ending: 'complete' });
  const handler: Handler = (request) =>
    new Observable((subscriber) => {
      [asked, open] = [asked + 1, open + 1];
      subscriber.add(() => {
        open -= 1;
      });
      say(subscriber, scriptOf(request, asked));
    });
  return {
    handler,
    get asked() {
      return asked;
    },
    get open() {
      return open;
    },
    answerWith: (events, ending) => {
      scriptOf = () => ({ events, ending });
    },
    answerBy: (write) => {
      scriptOf = write;
    },
  };
}

function say(subscriber: Subscriber<GenerationEvent>, script: Script): void {
  if (script.isPaced === true) {
    void sayPaced(subscriber, script);
    return;
  }
  for (const event of script.events) subscriber.next(frozenCopy(event));
  end(subscriber, script);
}

async function sayPaced(subscriber: Subscriber<GenerationEvent>, script: Script): Promise<void> {
  for (const event of script.events) {
    await new Promise((resolve) => setImmediate(resolve));
    subscriber.next(frozenCopy(event));
  }
  end(subscriber, script);
}

function end(subscriber: Subscriber<GenerationEvent>, { ending }: Script): void {
  if (ending === 'complete') subscriber.complete();
  else if (ending !== 'silence') subscriber.error(ending);
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
