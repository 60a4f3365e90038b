import { describe, expect, it } from '@jest/globals';
import { concat, defer, EMPTY, NEVER, Observable, of, Subject, take, tap, throwError } from 'rxjs';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import { AbortError, ApiError } from '../../../src/core/errors/classes.js';
import type { ErrorCode } from '../../../src/core/errors/codes.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { stateOf, withState } from '../../../src/core/state.js';
import { attemptStats } from '../../../src/chain/attempt/attempt-stats.js';
import type { EstimateCost } from '../../../src/core/ports.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { MemorySink } from '../../../src/testing/memory-sink.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, CUSTOM, REASONING, TEXT, TOOL_CALL, watch } from '../chain.js';

/** A generation whose attempts are this stream; the request counts as sent as soon as it is asked for. */
function scene(
  stream: Observable<GenerationEvent>,
  parts: Partial<GenerationRequest> = {},
  estimateCost?: EstimateCost,
) {
  const clock = new ManualClock();
  const sink = new MemorySink();
  const request = aRequest(parts);
  let subscriptions = 0;
  const handler = (asked: GenerationRequest): Observable<GenerationEvent> =>
    defer(() => {
      subscriptions += 1;
      const { current } = stateOf(asked);
      if (current !== undefined) current.sent = true;
      return stream;
    });
  const events = chain(
    handler,
    attemptStats((stat) => sink.record(stat), clock, estimateCost),
  )(request);
  return { clock, sink, request, state: stateOf(request), events, subscriptions: () => subscriptions };
}

const failure = (): GenerationError => new ApiError('server-error', 'broken', { status: 502 });

describe('attempt-stats', () => {
  it('announces the attempt, forwards all events, and ends it with a record and a stat that agree', () => {
    const { sink, state, events } = scene(of(CUSTOM, TEXT, anEnd()), { labels: { book: 'ada' } });
    const run = watch(events);
    expect(run.events).toEqual([
      { type: 'attempt-start', attempt: 1, provider: 'fake', model: 'a-model' },
      CUSTOM,
      TEXT,
      anEnd(),
    ]);
    expect(run.events[1]).toBe(CUSTOM);
    expect(sink.stats).toEqual([
      { type: 'attempt-end', generationId: 'generation-1', labels: { book: 'ada' }, ...state.attempts[0] },
    ]);
    expect(state.attempts).toHaveLength(1);
    expect(sink.attempts[0]).toMatchObject({ outcome: 'success', attempt: 1, sent: true });
  });

  it('ends the attempt before forwarding its end', () => {
    const { events, state } = scene(of(TEXT, anEnd()));
    const ended: number[] = [];
    events.subscribe(({ type }) => type === 'generation-end' && ended.push(state.attempts.length));
    expect(ended).toEqual([1]);
  });

  it('reports when it began, how long it took, and when the first token came', () => {
    const stream = new Subject<GenerationEvent>();
    const { clock, sink, events } = scene(stream);
    clock.advance(500);
    watch(events);
    clock.advance(30);
    stream.next(CUSTOM);
    clock.advance(40);
    stream.next(REASONING);
    clock.advance(50);
    stream.next(TEXT);
    stream.next(anEnd());
    expect(sink.attempts[0]).toMatchObject({ startedAt: clock.now() - 120, latencyMs: 120, timeToFirstTokenMs: 70 });
  });

  it('reports no first token without content', () => {
    const { sink, events } = scene(of(anEnd()));
    watch(events);
    expect(Object.keys(sink.attempts[0]!)).not.toContain('timeToFirstTokenMs');
  });

  it('ends a failed attempt with its code and status, and adds provider and model to the error', () => {
    const { sink, events } = scene(concat(of(REASONING), throwError(failure)));
    const run = watch(events);
    expect(run.error).toMatchObject({ code: 'server-error', provider: 'fake', model: 'a-model' });
    expect(sink.attempts).toEqual([
      expect.objectContaining({ outcome: 'error', errorCode: 'server-error', status: 502 }),
    ]);
  });

  it('counts a foreign error as internal, and forwards it as the cause of a GenerationError', () => {
    const foreign = new TypeError('undefined is no function');
    const { sink, events } = scene(throwError(() => foreign));
    const failures: unknown[] = [];
    events.subscribe({ error: (error) => failures.push(error) });
    expect(failures).toEqual([expect.objectContaining({ code: 'internal', cause: foreign })]);
    expect(sink.attempts).toEqual([expect.objectContaining({ outcome: 'error', errorCode: 'internal' })]);
  });

  it('ends a cancelled attempt on unsubscription', () => {
    const { clock, sink, state, events } = scene(concat(of(TEXT), NEVER));
    const run = watch(events);
    clock.advance(9);
    run.stop();
    run.stop();
    expect(sink.attempts).toEqual([expect.objectContaining({ outcome: 'cancelled', latencyMs: 9 })]);
    expect(state.attempts).toHaveLength(1);
  });

  it('ends an attempt that is unsubscribed during its start, and never sends it', () => {
    const { sink, events, subscriptions } = scene(of(TEXT, anEnd()));
    events.pipe(take(1)).subscribe();
    expect(subscriptions()).toBe(0);
    expect(sink.attempts).toEqual([expect.objectContaining({ outcome: 'cancelled', sent: false })]);
  });

  it('ends the attempt before unsubscribing returns, also during its start', () => {
    const { state, events } = scene(NEVER);
    const ended: number[] = [];
    const leaving = new Observable<GenerationEvent>((subscriber) => {
      events
        .pipe(
          tap(() => {
            subscriber.unsubscribe();
            ended.push(state.attempts.length);
          }),
        )
        .subscribe(subscriber);
    });
    leaving.subscribe();
    expect([ended, state.attempts.length]).toEqual([[1], 1]);
  });

  it('counts an attempt that is unsubscribed during its end as complete', () => {
    const { sink, events } = scene(concat(of(TEXT, anEnd()), NEVER));
    events.pipe(take(3)).subscribe();
    expect(sink.attempts.map(({ outcome }) => outcome)).toEqual(['success']);
  });

  it('fails an attempt of a provider that completes without an end, so that it can be tried again', () => {
    const { sink, events } = scene(EMPTY);
    expect(watch(events).error).toMatchObject({ code: 'truncated', retryable: true });
    expect(sink.attempts.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([['error', 'truncated']]);
  });

  it('numbers the attempts of a generation, each with a record of its own', () => {
    const { clock, sink, state, events } = scene(concat(of(TEXT), throwError(failure)));
    watch(events);
    clock.advance(5);
    watch(events);
    const other = watch(scene(NEVER, withState({}, state)).events);
    expect(sink.attempts.map(({ attempt, latencyMs }) => [attempt, latencyMs])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(other.events[0]).toMatchObject({ attempt: 3 });
    expect(state.requests).toBe(3);
  });

  it("exposes the running attempt's text in the state", () => {
    const stream = new Subject<GenerationEvent>();
    const { state, events } = scene(stream);
    watch(events);
    for (const event of [TEXT, REASONING, TOOL_CALL, { type: 'response-metadata', responseId: 'r-1' } as const])
      stream.next(event);
    expect(state.current).toMatchObject({ attempt: 1, characters: 17 + 14 + 2, responseId: 'r-1' });
  });
});

describe('an attempt that is asked for', () => {
  it('after the end of its generation ends at once, and sends nothing', () => {
    const { sink, state, events, subscriptions } = scene(of(TEXT, anEnd()));
    state.hasEnded = true;
    const seen: string[] = [];
    events.subscribe({ next: ({ type }) => seen.push(type), complete: () => seen.push('complete') });
    expect({
      seen,
      stats: sink.stats,
      sent: subscriptions(),
      requests: state.requests,
    }).toEqual({ seen: ['complete'], stats: [], sent: 0, requests: 0 });
  });

  it('notes what the answer says of itself, and nothing that it does not say', () => {
    const stream = new Subject<GenerationEvent>();
    const { state, events } = scene(stream);
    watch(events);
    stream.next({ type: 'response-metadata', answeredBy: 'b-model' });
    expect(Object.keys(state.current!).sort()).toEqual(['attempt', 'characters', 'sent']);
    stream.next({ type: 'response-metadata', toolCallsOpen: true });
    expect(state.current).toMatchObject({ toolCallsOpen: true });
  });
});

describe('the usage of an attempt', () => {
  const usage = { inputTokens: 70, outputTokens: 50, costUsd: 0.02, source: 'reported' } as const;
  const COUNTING = { inputTokens: 70, cachedInputTokens: 60, outputTokens: 1, source: 'estimated' } as const;
  const messages = [{ role: 'user', content: 'twelve chars' }] as const;
  const usageOf = (...events: readonly GenerationEvent[]) => {
    const { sink, events: attempt } = scene(concat(of(...events), throwError(failure)), { messages });
    watch(attempt);
    return sink.attempts[0]?.usage;
  };

  it("is the vendor's if it comes with the end", () => {
    expect(usageOf(TEXT, anEnd({ usage }))).toEqual(usage);
  });

  it("is the vendor's also if the attempt fails after reporting it, and the latest one counts", () => {
    expect(
      usageOf(
        { type: 'response-metadata', usage: { ...usage, outputTokens: 1 } },
        TEXT,
        { type: 'response-metadata', usage },
        { type: 'response-metadata', responseId: 'r-1' },
      ),
    ).toEqual(usage);
  });

  it.each<[string, readonly GenerationEvent[], number]>([
    ['text', [TEXT], 5],
    ['reasoning', [REASONING], 4],
    ['a tool call', [TOOL_CALL], 1],
    [
      'an end that measured nothing',
      [TEXT, anEnd({ usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' } })],
      5,
    ],
  ])('is estimated if there was only %s', (_what, events, outputTokens) => {
    expect(usageOf(...events)).toEqual({ inputTokens: 3, outputTokens, source: 'estimated' });
  });

  it.each([
    ['more has arrived', [TEXT], 5],
    ['less has arrived', [{ type: 'response-metadata', usage: { ...COUNTING, outputTokens: 9 } }, TEXT], 9],
    ['nothing has arrived', [], 1],
  ] as const)(
    "is the vendor's running count for the input, and at least the received text for the output, if %s",
    (_what, events, outputTokens) => {
      expect(usageOf({ type: 'response-metadata', usage: COUNTING }, ...events)).toEqual({ ...COUNTING, outputTokens });
    },
  );

  it('is an estimate without a cost if the vendor reported it, more followed, and the attempt failed', () => {
    expect(usageOf({ type: 'response-metadata', usage: { ...usage, outputTokens: 1 } }, TEXT)).toEqual({
      inputTokens: 70,
      outputTokens: 5,
      source: 'estimated',
    });
  });

  it("is the vendor's if it came before the text, and the answer ended with it", () => {
    expect(usageOf({ type: 'response-metadata', usage }, TEXT, anEnd({ usage }))).toEqual(usage);
  });

  it('is that of the end which the provider had sent, if the attempt failed or was left before it came through', () => {
    const final = { ...usage, outputTokens: 99 };
    const usageAfter = (rest: Observable<GenerationEvent>) => {
      const { sink, state, events } = scene(concat(of(TEXT), rest), { messages });
      const run = watch(events.pipe(tap(() => Object.assign(state.current ?? {}, { finalUsage: final }))));
      run.stop();
      return sink.attempts[0]?.usage;
    };
    expect({
      failed: usageAfter(throwError(failure)),
      left: usageAfter(NEVER),
      ended: usageAfter(of(anEnd({ usage }))),
    }).toEqual({ failed: final, left: final, ended: usage });
  });

  it('is an estimate without a cost if the caller left: more might have followed', () => {
    const { sink, events } = scene(concat(of<GenerationEvent>({ type: 'response-metadata', usage }), NEVER));
    watch(events).stop();
    expect(sink.attempts[0]?.usage).toStrictEqual({ inputTokens: 70, outputTokens: 50, source: 'estimated' });
  });

  it('is unmeasured, not 0, if a sent request brought nothing', () => {
    expect(usageOf()).toEqual({ inputTokens: 0, outputTokens: 0, source: 'unmeasured' });
  });

  it('is estimated for a cancelled attempt too', () => {
    const { sink, events } = scene(concat(of(TEXT), NEVER), { messages });
    watch(events).stop();
    expect(sink.attempts[0]?.usage.source).toBe('estimated');
  });

  it('is 0 if the request was never sent', () => {
    const { sink, events } = scene(throwError(() => new AbortError()));
    events.pipe(take(1)).subscribe();
    expect(sink.attempts[0]?.usage).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: 0, source: 'unmeasured' });
  });

  it('is 0 only if it is certain that nothing was sent, where the transport says nothing', () => {
    const failing = (code: ErrorCode, details = {}) => throwError(() => new GenerationError(code, 'no', details));
    const recordOf = (stream: Observable<GenerationEvent>, isLeft = false) => {
      const sink = new MemorySink();
      const run = watch(
        chain(
          () => stream,
          attemptStats((stat) => sink.record(stat), new ManualClock()),
        )(aRequest()),
      );
      if (isLeft) run.stop();
      const { sent, usage: used } = sink.attempts[0]!;
      return { sent, isFree: used.costUsd === 0 };
    };
    const [free, unknown] = [
      { sent: false, isFree: true },
      { sent: true, isFree: false },
    ];
    expect({
      neverSent: recordOf(failing('connection', { neverSent: true })),
      internal: recordOf(failing('internal')),
      cannotContinue: recordOf(failing('cannot-continue')),
      connection: recordOf(failing('connection')),
      left: recordOf(NEVER, true),
      internalBehindText: recordOf(concat(of(TEXT), failing('internal'))),
    }).toEqual({
      neverSent: free,
      internal: free,
      cannotContinue: free,
      connection: unknown,
      left: unknown,
      internalBehindText: unknown,
    });
  });

  it('is 0 if the provider refused it before using the transport', () => {
    const sink = new MemorySink();
    const refusing = () => throwError(() => new GenerationError('bad-request', 'refused', { neverSent: true }));
    watch(
      chain(
        refusing,
        attemptStats((stat) => sink.record(stat), new ManualClock()),
      )(aRequest()),
    );
    expect(sink.attempts[0]).toMatchObject({ sent: false, usage: { costUsd: 0, source: 'unmeasured' } });
  });
});

describe("the id of an attempt's answer", () => {
  it.each<[string, readonly GenerationEvent[]]>([
    ['told before it', [{ type: 'response-metadata', responseId: 'r-1' }, anEnd()]],
    ['told with its end', [anEnd({ responseId: 'r-1' })]],
    ['not taken back by an end without one', [{ type: 'response-metadata', responseId: 'r-1' }, TEXT, anEnd()]],
  ])('is kept if it was %s', (_when, events) => {
    const { sink, events: attempt } = scene(of(...events));
    watch(attempt);
    expect(sink.attempts[0]?.responseId).toBe('r-1');
  });
});

describe('the cost of an attempt', () => {
  const byTokens: EstimateCost = (_request, { inputTokens, outputTokens }) => inputTokens + outputTokens;
  const usageAfter = (stream: Observable<GenerationEvent>) => {
    const { events, state } = scene(stream, {}, byTokens);
    watch(events);
    return state.attempts[0]?.usage;
  };

  it('is estimated by a known price if the vendor reports none', () => {
    expect(usageAfter(of(TEXT, anEnd()))).toEqual({
      inputTokens: 7,
      outputTokens: 5,
      estimatedCostUsd: 12,
      source: 'reported',
    });
  });

  it('is estimated of estimated tokens too', () => {
    expect(usageAfter(concat(of(TEXT), throwError(failure)))).toMatchObject({
      source: 'estimated',
      estimatedCostUsd: expect.any(Number),
    });
  });

  it("is the vendor's own figure if there is one, including 0", () => {
    expect(
      usageAfter(of(TEXT, anEnd({ usage: { inputTokens: 7, outputTokens: 5, costUsd: 0, source: 'reported' } }))),
    ).not.toHaveProperty('estimatedCostUsd');
  });

  it('is not estimated for unmeasured usage', () => {
    expect(usageAfter(throwError(failure))).toEqual({ inputTokens: 0, outputTokens: 0, source: 'unmeasured' });
  });
});
