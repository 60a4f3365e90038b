import { describe, expect, it } from '@jest/globals';
import { catchError, concat, defer, from, map, of, tap, throwError } from 'rxjs';
import { answerKey, GenerationError, keepWhole, readText } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { isCommitPoint } from 'scriptorium/plugin';
import type { InterceptorDefinition } from 'scriptorium/plugin';
import { describeInterceptor, INTERCEPTOR_PROMISES } from 'scriptorium/testing';
import type { InterceptorContract } from 'scriptorium/testing';
import { KEEPS_TOO_LONG, MISHANDLES_BREAKS, MISREADS_SPLICES, STORES_TOO_MUCH } from './broken-texts.js';

const TEXTS = { voided: 'Far from th', whole: 'e sea it rained.' };

/** The mistakes that the suite finds, by promise. */
async function complaintsOf(interceptor: InterceptorContract): Promise<Readonly<Record<string, string>>> {
  const complaints: Record<string, string> = {};
  for (const [promise, check] of Object.entries(INTERCEPTOR_PROMISES))
    await check(interceptor).catch((error: unknown) => {
      complaints[promise] = String(error);
    });
  return complaints;
}

const refused = (): never => {
  throw new GenerationError('content-filter', 'This text is not allowed.');
};
const named = (name: string, intercept: InterceptorDefinition['intercept']): InterceptorDefinition => ({
  name,
  phase: 'prepare',
  intercept,
});

describeInterceptor('that refuses a word', {
  make: () =>
    named('word-filter', (request, next) =>
      next(request).pipe(
        readText(request, () => {
          let tail = '';
          return (piece) => {
            if ((tail + piece).includes(' the ')) refused();
            tail = (tail + piece).slice(-5);
          };
        }),
      ),
    ),
  texts: TEXTS,
});
describeInterceptor('that limits the words of a text', () =>
  named('words', (request, next) =>
    next(request).pipe(
      readText(request, () => {
        let words = 0;
        return (piece) => {
          words += piece.trim().split(/\s+/u).length;
          if (words > 100) refused();
        };
      }),
    ),
  ),
);
describeInterceptor('that stores exact answers', {
  make: () => {
    const answers = new Map<string, readonly GenerationEvent[]>();
    return named('store', (request, next) =>
      defer(() => {
        const key = request.temperature === 0 ? answerKey(request) : undefined;
        if (key === undefined) return next(request);
        const known = answers.get(key);
        if (known !== undefined) return from(known);
        return next(request).pipe(keepWhole(request, (events) => answers.set(key, events)));
      }),
    );
  },
  request: { temperature: 0 },
});
describeInterceptor('that asks again before the first text', () =>
  named('again', (request, next) =>
    defer(() => {
      let isCommitted = false;
      return next(request).pipe(
        tap((event) => (isCommitted ||= isCommitPoint(event))),
        catchError((error: unknown) => (isCommitted ? throwError(() => error) : next(request))),
      );
    }),
  ),
);
describeInterceptor('that begins a broken text again, and says so', () =>
  named('anew', (request, next) =>
    next(request).pipe(
      catchError((error: unknown) => {
        if (!GenerationError.is(error) || error.code === 'aborted') throw error;
        return concat(of<GenerationEvent>({ type: 'restart', reason: error.code }), next(request));
      }),
    ),
  ),
);
describeInterceptor('that marks the beginning of a text', () =>
  named('initial', (request, next) =>
    defer(() => {
      let isFirst = true;
      return next(request).pipe(
        map((event) => {
          if (event.type === 'restart') isFirst = true;
          if (event.type !== 'text-delta' || !isFirst) return event;
          isFirst = false;
          return { ...event, delta: `* ${event.delta}` };
        }),
      );
    }),
  ),
);

describe('the contract of an interceptor, as to texts', () => {
  it.each<[string, InterceptorContract, Readonly<Record<string, RegExp>>]>([
    [
      'keeps its count of words over a restart',
      { make: () => KEEPS_TOO_LONG.overRestarts },
      {
        'begins its text anew after a restart':
          /After a restart.*another outcome than alone: a failure \(content-filter\) instead of "wave-0.*readText\(request, begin\)/,
      },
    ],
    [
      'keeps its place in a text over a restart',
      { make: () => KEEPS_TOO_LONG.thoughtsOverRestarts },
      {
        'begins its text anew after a restart': /"" \(stop\) instead of "Call me Ishmael\. .*It still counts the void/,
      },
    ],
    [
      'keeps half a word over a restart',
      { make: () => KEEPS_TOO_LONG.wordsOverRestarts, texts: TEXTS },
      { 'begins its text anew after a restart': /a failure \(content-filter\) instead of "e sea it rained\."/ },
    ],
    [
      'keeps half of a word that filters often refuse over a restart',
      { make: () => KEEPS_TOO_LONG.wordsOverRestarts },
      { 'begins its text anew after a restart': /a failure \(content-filter\) instead of "e sea it rained\."/ },
    ],
    [
      'keeps its count from one subscription to the next',
      { make: () => KEEPS_TOO_LONG.overSubscriptions },
      { 'keeps subscriptions apart': /one after the other, disturb each other.*put it inside defer\(\)/ },
    ],
    [
      'lets two subscriptions at once share a count',
      { make: () => KEEPS_TOO_LONG.overSubscriptionsAtOnce },
      { 'keeps subscriptions apart': /at the same time disturb each other/ },
    ],
    [
      'keeps its count from one generation to the next',
      { make: KEEPS_TOO_LONG.overGenerations },
      {
        'keeps subscriptions apart': /disturb each other/,
        'keeps generations apart': /A generation has another outcome after an earlier one than alone: a failure/,
      },
    ],
    [
      'begins anew at a continuation',
      { make: () => MISREADS_SPLICES.segmentsAsTexts },
      {
        'takes a continued text as one text':
          /A text of two segments has another outcome.*instead of a failure \(content-filter\).*do not begin anew there/,
      },
    ],
    [
      'keeps a restart to itself',
      { make: () => MISREADS_SPLICES.keepsRestarts },
      { 'begins its text anew after a restart': /It keeps a restart to itself.*Hand on the event/ },
    ],
    [
      'keeps a continuation to itself',
      { make: () => MISREADS_SPLICES.keepsContinuations },
      { 'takes a continued text as one text': /It keeps a continuation to itself.*Hand on the event/ },
    ],
    [
      'stores a text that a restart has voided',
      { make: STORES_TOO_MUCH.voidTexts },
      { 'stores only whole answers': /After an answer with a restart in the middle.*"Once upon a time.*keepWhole/ },
    ],
    [
      'stores the thoughts of a void attempt',
      { make: STORES_TOO_MUCH.voidThoughts },
      { 'stores only whole answers': /whose first attempt had only thoughts.*with the reasoning "A whale, then\."/ },
    ],
    [
      'replays an answer as if it were paid for',
      { make: STORES_TOO_MUCH.asIfPaid },
      { 'stores only whole answers': /An answer from its store ends with servedFrom: 'provider'/ },
    ],
    [
      'stores answers under a key that leaves something out',
      { make: STORES_TOO_MUCH.underAnotherKey },
      { 'answers each request with its own answer': /differs from an earlier one in "provider".*answerKey\(request\)/ },
    ],
    [
      'stores what broke off',
      { make: STORES_TOO_MUCH.evenBrokenAnswers },
      { 'stores only whole answers': /After an answer that broke off, the same request got.*a to" \(stop\)/ },
    ],
    [
      'calls a broken answer whole',
      { make: () => MISHANDLES_BREAKS.callsItWhole },
      { 'never calls a broken answer whole': /broke off in mid-text \(connection\), and it passes it off as whole/ },
    ],
    [
      'holds a text back and loses it at a break',
      { make: () => MISHANDLES_BREAKS.losesTexts },
      {
        'hands on the text of a broken answer': /broke off after "Call me .*reader got ""\. What it holds back is lost/,
      },
    ],
    [
      'holds the last word back and loses it at a break',
      { make: () => MISHANDLES_BREAKS.losesTheLastWord },
      {
        'hands on the text of a broken answer':
          /broke off after "Call me Ishmael\. Some years ", of which.*Some "\. What/,
      },
    ],
    [
      'asks again after the first text',
      { make: () => MISHANDLES_BREAKS.asksAgain },
      { 'never calls a broken answer whole': /it has asked again: its reader gets "Call me Ishmael\. .*Call me/ },
    ],
    [
      'asks again after a cancel',
      { make: () => MISHANDLES_BREAKS.asksAgainWhenCancelled },
      { 'never calls a broken answer whole': /It asks next again after a generation was cancelled/ },
    ],
    [
      'asks again after its reader has left',
      { make: () => MISHANDLES_BREAKS.asksAgainAfterTheReaderLeft },
      { 'stops in the middle of an answer': /Its subscriber left after event \d+ of an answer, and.*still open/ },
    ],
  ])('is broken by one that %s, and the mistake is named', async (_what, interceptor, mistakes) => {
    const complaints = await complaintsOf(interceptor);
    expect(complaints).toMatchObject(
      Object.fromEntries(
        Object.entries(mistakes).map(([promise, message]) => [promise, expect.stringMatching(message)]),
      ),
    );
  });

  it('is broken by one that subscribes aside in mid-text', async () => {
    const complaints = await complaintsOf({ make: () => MISHANDLES_BREAKS.leaksLate });
    expect(complaints['stops in the middle of an answer']).toMatch(/subscriptions to what next gives are still open/);
  });
});
