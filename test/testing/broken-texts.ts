import { catchError, concat, defer, filter, finalize, from, map, mergeMap, of, retry, tap, toArray } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { GenerationEnd, GenerationEvent, GenerationRequest } from 'scriptorium';
import type { InterceptorDefinition, Handler } from 'scriptorium/plugin';

type Intercept = InterceptorDefinition['intercept'];

const named = (name: string, intercept: Intercept): InterceptorDefinition => ({ name, phase: 'prepare', intercept });

const refused = (): never => {
  throw new GenerationError('content-filter', 'This text is not allowed.');
};

/** Counts the words of an answer. @param isAnew whether the count begins anew at an event */
const wordCount = (most: number, isAnew: (event: GenerationEvent) => boolean = () => false) => {
  let words = 0;
  return tap((event: GenerationEvent) => {
    if (isAnew(event)) words = 0;
    if (event.type === 'text-delta') words += event.delta.trim().split(/\s+/u).length;
    if (words > most) refused();
  });
};

/** Removes thoughts from a text. Their marks are whole words. */
const withoutThoughts = () => {
  let isThinking = false;
  return filter((event: GenerationEvent) => {
    if (event.type !== 'text-delta') return true;
    if (event.delta.includes('<think>')) isThinking = true;
    const shows = !isThinking;
    if (event.delta.includes('</think>')) isThinking = false;
    return shows;
  });
};

/** Refuses a word that may be split over two pieces. */
const wordFilter = (word: string) => {
  let tail = '';
  return tap((event: GenerationEvent) => {
    if (event.type !== 'text-delta') return;
    if ((tail + event.delta).includes(word)) refused();
    tail = (tail + event.delta).slice(-word.length);
  });
};

/** Interceptors that keep what they should not, each in one way. */
export const KEEPS_TOO_LONG = {
  overRestarts: named('words', (request, next) => defer(() => next(request).pipe(wordCount(100)))),
  thoughtsOverRestarts: named('thoughts', (request, next) => defer(() => next(request).pipe(withoutThoughts()))),
  wordsOverRestarts: named('word-filter', (request, next) => defer(() => next(request).pipe(wordFilter(' the ')))),
  overSubscriptions: named('words', (request, next) => {
    const count = wordCount(100, ({ type }) => type === 'restart');
    return next(request).pipe(count);
  }),
  overSubscriptionsAtOnce: named('words', (request, next) => {
    let isFirst = true;
    const count = wordCount(100, ({ type }) => type === 'restart' || isFirst);
    return next(request).pipe(
      tap(() => undefined),
      count,
      tap(() => {
        isFirst = false;
      }),
      finalize(() => {
        isFirst = true;
      }),
    );
  }),
  overGenerations: (): InterceptorDefinition => {
    const count = wordCount(100, ({ type }) => type === 'restart');
    return named('words', (request, next) => next(request).pipe(count));
  },
} as const;

/** Interceptors that count less than the whole text, or keep a splice to themselves. */
export const MISREADS_SPLICES = {
  segmentsAsTexts: named('words', (request, next) =>
    defer(() => next(request).pipe(wordCount(100, ({ type }) => type === 'restart' || type === 'continuation'))),
  ),
  keepsRestarts: named('no-restarts', (request, next) => next(request).pipe(filter(({ type }) => type !== 'restart'))),
  keepsContinuations: named('no-splices', (request, next) =>
    next(request).pipe(filter(({ type }) => type !== 'continuation')),
  ),
} as const;

const isContent = ({ type }: GenerationEvent): boolean => type === 'text-delta' || type === 'reasoning-delta';
const fromCache = (end: GenerationEnd): GenerationEvent => ({ ...end, servedFrom: 'cache' });

/** A cache. @param gather returns what is stored, once there is something */
const storing = (
  keyOf: (request: GenerationRequest) => string,
  gather: () => (event: GenerationEvent) => readonly GenerationEvent[] | undefined,
): InterceptorDefinition => {
  const answers = new Map<string, readonly GenerationEvent[]>();
  return named('store', (request, next) =>
    defer(() => {
      const key = keyOf(request);
      const known = answers.get(key);
      if (known !== undefined) return from(known);
      const take = gather();
      return next(request).pipe(
        tap((event) => {
          const answer = take(event);
          if (answer !== undefined) answers.set(key, answer);
        }),
      );
    }),
  );
};

/** Gathers content until the end. */
const gathering = (isVoid: (event: GenerationEvent) => boolean) => () => {
  let events: GenerationEvent[] = [];
  return (event: GenerationEvent): readonly GenerationEvent[] | undefined => {
    if (isVoid(event)) events = [];
    if (isContent(event)) events.push(event);
    return event.type === 'generation-end' && event.finishReason.unified === 'stop'
      ? [...events, fromCache(event)]
      : undefined;
  };
};

const wholeKey = ({ id: _id, context: _context, ...request }: GenerationRequest): string => JSON.stringify(request);
const isRestart = ({ type }: GenerationEvent): boolean => type === 'restart';

/** Caches that give wrong answers. */
export const STORES_TOO_MUCH = {
  voidTexts: () =>
    storing(
      wholeKey,
      gathering(() => false),
    ),
  voidThoughts: () => storing(wholeKey, gathering(isRestart)),
  asIfPaid: () => {
    const cache = storing(
      wholeKey,
      gathering(({ type }) => type === 'restart' || type === 'attempt-start'),
    );
    return named('store', (request, next) =>
      cache
        .intercept(request, next)
        .pipe(map((event) => (event.type === 'generation-end' ? { ...event, servedFrom: 'provider' } : event))),
    );
  },
  underAnotherKey: () => storing(({ model, messages }) => JSON.stringify([model, messages]), gathering(isRestart)),
  evenBrokenAnswers: (): InterceptorDefinition => {
    const texts = new Map<string, string>();
    return named('store', (request, next) =>
      defer(() => {
        const known = texts.get(wholeKey(request));
        if (known !== undefined) return replay(known);
        let text = '';
        return next(request).pipe(
          tap((event) => {
            if (event.type === 'restart') text = '';
            if (event.type === 'text-delta') text += event.delta;
          }),
          finalize(() => texts.set(wholeKey(request), text)),
        );
      }),
    );
  },
} as const;

const STOP: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: { inputTokens: 0, outputTokens: 0, source: 'reported' },
  servedFrom: 'cache',
  provider: 'fake',
  model: 'a-model',
};

function replay(text: string): ReturnType<Handler> {
  return of<GenerationEvent[]>({ type: 'text-delta', delta: text }, STOP);
}

/** Interceptors that make the wrong thing of a failure in mid-text, or of a reader who leaves there. */
export const MISHANDLES_BREAKS = {
  callsItWhole: named('at-any-price', (request, next) => next(request).pipe(catchError(() => of(STOP)))),
  losesTexts: named('all-at-once', (request, next) =>
    next(request).pipe(
      toArray(),
      mergeMap((events) => events),
    ),
  ),
  losesTheLastWord: named('a-word-late', (request, next) =>
    defer(() => {
      let held: readonly GenerationEvent[] = [];
      return next(request).pipe(
        mergeMap((event) => {
          const passed = event.type === 'text-delta' ? held : [...held, event];
          held = event.type === 'text-delta' ? [event] : [];
          return passed;
        }),
      );
    }),
  ),
  asksAgain: named('again', (request, next) => next(request).pipe(retry(1))),
  asksAgainWhenCancelled: named('again', (request, next) =>
    next(request).pipe(
      catchError((error: unknown) => {
        if (!GenerationError.is(error) || error.code !== 'aborted') throw error;
        return concat(of<GenerationEvent>({ type: 'restart', reason: 'aborted' }), next(request));
      }),
    ),
  ),
  asksAgainAfterTheReaderLeft: named('last-wish', (request, next) =>
    defer(() => {
      let [texts, hasEnded] = [0, false];
      return next(request).pipe(
        tap(({ type }) => {
          if (type === 'text-delta') texts += 1;
          hasEnded ||= type === 'generation-end';
        }),
        finalize(() => {
          if (texts > 1 && !hasEnded) next(request).subscribe({ error: () => undefined });
        }),
      );
    }),
  ),
  leaksLate: named('late', (request, next) =>
    defer(() => {
      let texts = 0;
      return next(request).pipe(
        map((event) => {
          if (event.type === 'text-delta') texts += 1;
          if (texts === 2) next(request).subscribe({ error: () => undefined });
          return event;
        }),
      );
    }),
  ),
} as const;
