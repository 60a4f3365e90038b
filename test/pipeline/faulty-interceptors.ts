import { concat, defer, EMPTY, filter, finalize, map, merge, NEVER, Observable, of, takeWhile, tap } from 'rxjs';
import type { GenerationEvent, Interceptor } from 'scriptorium';

/** How a generation with a faulty interceptor goes. */
export interface FaultyInterceptor {
  readonly intercept: Interceptor;
  /** What its error says of the interceptor; undefined where the answer is whole. */
  readonly says?: string;
  /** The text that was delivered: the whole one by default. */
  readonly text?: string;
}

const isEnd = ({ type }: GenerationEvent): boolean => type === 'generation-end';
const notAnEvent = (value: unknown): GenerationEvent => value as GenerationEvent;
const atEnd = (put: (end: GenerationEvent) => GenerationEvent): Interceptor => {
  return (request, next) => next(request).pipe(map((event) => (isEnd(event) ? put(event) : event)));
};
const fail = (): never => {
  throw new Error('torn');
};
/** An asynchronous teardown, which the types of RxJS refuse. */
const reject = ((): Promise<never> => Promise.reject(new Error('torn'))) as () => never;

/** Emits its own end in place of the second piece of text. */
const endsByItself =
  (isCompleting: boolean): Interceptor =>
  (request, next) =>
    new Observable((subscriber) => {
      let isOver = false;
      return next(request).subscribe({
        next: (event) => {
          if (isOver) return;
          subscriber.next(event);
          if (event.type !== 'text-delta') return;
          isOver = true;
          subscriber.next(OWN_END);
          if (isCompleting) subscriber.complete();
        },
        error: (error) => subscriber.error(error),
      });
    });

const OWN_END: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: null },
  usage: { inputTokens: 0, outputTokens: 0, source: 'estimated' },
  servedFrom: 'provider',
  provider: 'mine',
  model: 'm',
};

/** Everything that an interceptor can do wrong with an answer of two pieces. */
export const FAULTY_INTERCEPTORS: Readonly<Record<string, FaultyInterceptor>> = {
  'emits null': { intercept: atEnd(() => notAnEvent(null)), says: 'emitted null' },
  'emits an unknown type': { intercept: atEnd(() => notAnEvent({ type: 'fin' })), says: "unknown type 'fin'" },
  'emits an end without a finish reason': {
    intercept: atEnd(() => notAnEvent({ type: 'generation-end' })),
    says: '"finishReason"',
  },
  'emits an event that throws when it is read': {
    intercept: atEnd(() => notAnEvent(Object.defineProperty({}, 'type', { get: fail }))),
    says: 'failed: torn',
  },
  'keeps the end to itself': {
    intercept: (request, next) => concat(next(request).pipe(filter((event) => !isEnd(event))), NEVER),
    says: 'did not pass on the end',
  },
  'completes without an end': {
    intercept: (request, next) => next(request).pipe(filter((event) => !isEnd(event))),
    says: 'completed its stream without generation-end',
  },
  'cuts the text': {
    intercept: (request, next) => next(request).pipe(takeWhile(({ type }) => type !== 'text-delta', true)),
    says: 'completed its stream without generation-end',
    text: 'Once upon ',
  },
  'answers nothing': { intercept: () => EMPTY, says: 'completed its stream without generation-end', text: '' },
  'neither asks nor ends': { intercept: () => NEVER, says: 'did not pass on the end', text: '' },
  'leaves the answer, and does not end': {
    intercept: (request, next) => concat(next(request).pipe(takeWhile(({ type }) => type !== 'text-delta')), NEVER),
    says: 'did not pass on the end',
    text: '',
  },
  throws: { intercept: atEnd(fail), says: 'failed: torn' },
  'fails twice': {
    intercept: (request, next) =>
      new Observable((subscriber) =>
        next(request).subscribe((event) => {
          if (!isEnd(event)) subscriber.next(event);
          else for (const what of ['torn', 'again']) subscriber.error(new Error(what));
        }),
      ),
    says: 'failed: torn',
  },
  'subscribes twice at once': {
    intercept: (request, next) => merge(next(request), next(request)),
    says: 'subscribed to next while its earlier subscription was running',
    text: '',
  },
  'subscribes aside': {
    intercept: (request, next) =>
      defer(() => {
        next(request).subscribe({ error: () => undefined });
        return next(request);
      }),
    says: 'subscribed to next while its earlier subscription was running',
    text: '',
  },
  'subscribes again after its end': { intercept: (request, next) => concat(next(request), next(request)) },
  'emits after its end': {
    intercept: (request, next) => concat(next(request), of(OWN_END, notAnEvent(null))),
  },
  'fails after its end': { intercept: (request, next) => concat(next(request), defer(fail)) },
  'does not complete after its end': { intercept: (request, next) => concat(next(request), NEVER) },
  'ends the answer by itself': { intercept: endsByItself(true), text: 'Once upon ' },
  'ends the answer by itself, and does not complete': { intercept: endsByItself(false), text: 'Once upon ' },
  'throws in finalize': { intercept: (request, next) => next(request).pipe(finalize(fail), tap()) },
  'rejects in finalize': { intercept: (request, next) => next(request).pipe(finalize(reject)) },
  'rejects in finalize behind an operator': {
    intercept: (request, next) => next(request).pipe(finalize(reject), tap()),
  },
  'rejects in finalize of a stream of its own': {
    intercept: (request, next) => defer(() => next(request)).pipe(finalize(reject), tap()),
  },
};
