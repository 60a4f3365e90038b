import { describe, expect, it } from '@jest/globals';
import { concat, finalize, NEVER, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { MAY_RESTART } from '../../../src/core/continuation.js';
import type { Prefill } from '../../../src/core/continuation.js';
import { RequestContext } from '../../../src/core/context.js';
import type { ErrorCode } from '../../../src/core/errors/codes.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import { InterruptedError, RateLimitError } from '../../../src/core/errors/classes.js';
import type { GenerationEnd, GenerationEvent } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { anEnd, CUSTOM, failing, REASONING, TOOL_CALL } from '../chain.js';
import {
  ANCHOR,
  breaks,
  characters,
  CUT,
  DELIVERED,
  deltas,
  endsBy,
  generated,
  says,
  START,
  WHOLE,
} from './going-on.js';
import type { GoingOn } from './going-on.js';

const refuses = (code: ErrorCode): Observable<GenerationEvent> =>
  concat(
    of(START),
    failing(() => new GenerationError(code, `no: ${code}`)),
  );
const allowing = (may: 'always' | 'never' | 'if-configured'): NonNullable<GoingOn['request']> => ({
  context: RequestContext.empty.with(MAY_RESTART, may),
});
const REST = WHOLE.slice(CUT);
const TOOL_CALLS: Partial<GenerationEnd> = { finishReason: { unified: 'tool-calls', raw: 'tool_calls' } };
/** Neither the anchor nor anything else of the text. */
const OTHER = 'Then, as if nothing had happened, he went his way. '.repeat(12);

describe('a text that breaks off', () => {
  it('is continued at once, with a continuation event between the last character and the next', () => {
    const { run, clock } = generated([breaks(['The lamp ', 'was']), says(' cold', '.')]);
    expect(run.events).toEqual([
      START,
      ...deltas('The lamp ', 'was'),
      START,
      { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'fake', model: 'a-model' },
      ...deltas(' cold', '.'),
      anEnd(),
    ]);
    expect([run.isComplete, clock.pending]).toEqual([true, 0]);
  });

  it('is continued by the same request, complete, with the text so far', () => {
    const { requests } = generated([breaks([DELIVERED]), says(REST)], {
      request: { temperature: 0.5, labels: { book: 'ada' } },
    });
    const [first, { continuation, context, ...second }] = [requests[0]!, requests[1]!];
    expect({ ...second, context: first.context }).toEqual(first);
    expect([first.continuation, context.get(MAY_RESTART)]).toEqual([undefined, 'if-configured']);
    expect(continuation).toEqual({
      text: DELIVERED.slice(0, -ANCHOR.length),
      anchor: ANCHOR,
      reason: 'interrupted',
      byInstruction: false,
      instruction: expect.stringMatching(new RegExp(`:\\n\\n${ANCHOR}$`)) as unknown,
    });
  });

  it('numbers its splices', () => {
    const { run, text, requests } = generated([breaks(['a']), breaks(['b']), breaks(['c']), says('d')]);
    expect(run.events.flatMap((event) => (event.type === 'continuation' ? [event.segment] : []))).toEqual([2, 3, 4]);
    expect([
      text(),
      requests.map(({ continuation }) => continuation && continuation.text + continuation.anchor),
    ]).toEqual(['abcd', [undefined, 'a', 'ab', 'abc']]);
  });

  it('names the continuing route in its splice', () => {
    const other: GenerationEvent = { type: 'attempt-start', attempt: 2, provider: 'other', model: 'b-model' };
    const { run } = generated([breaks(['a']), of(other, ...deltas('b'), anEnd())]);
    expect(run.events[3]).toEqual({
      type: 'continuation',
      segment: 2,
      reason: 'interrupted',
      provider: 'other',
      model: 'b-model',
    });
  });

  it.each([
    ['once', WHOLE.slice(DELIVERED.length - ANCHOR.length)],
    ['from the start', WHOLE],
    ['after a preamble', `Of course:\n${ANCHOR}${REST}`],
  ])('drops the repetition of an instructed model (%s)', (_how, answer) => {
    const { run, text } = generated([breaks([DELIVERED]), says(...characters(answer))], { prefill: 'instructed' });
    expect([text(), run.isComplete, run.types.filter((type) => type === 'continuation')]).toEqual([
      WHOLE,
      true,
      ['continuation'],
    ]);
  });

  it('reduces the token cap of native prefill by the tokens already used', () => {
    const tokens = (prefill: Prefill, ...answers: readonly Observable<GenerationEvent>[]): unknown =>
      generated(answers, { prefill, request: { maxTokens: 10 } }).requests.map(({ maxTokens }) => maxTokens);
    expect({
      native: tokens('exact', breaks(['a', 'b', 'c']), breaks(['d']), says(REST)),
      instructed: tokens('instructed', breaks(['a', 'b', DELIVERED]), breaks([ANCHOR]), says(ANCHOR + REST)),
    }).toEqual({ native: [10, 7, 6], instructed: [10, 10, 10] });
    expect(generated([breaks(['a', 'b', 'c']), says('d')], { request: { maxTokens: 2 } }).requests[1]!.maxTokens).toBe(
      1,
    );
  });

  it('reports no splice if the failed attempt added nothing', () => {
    const { run, text } = generated([breaks([DELIVERED]), breaks([ANCHOR.slice(0, 9)]), says(ANCHOR + REST)], {
      prefill: 'instructed',
    });
    expect(run.types).toEqual([
      'attempt-start',
      'text-delta',
      'attempt-start',
      'retry-scheduled',
      'attempt-start',
      'continuation',
      'text-delta',
      'generation-end',
    ]);
    expect(text()).toBe(WHOLE);
  });

  it('forwards all other events at once, in order', () => {
    const waiting: GenerationEvent = { type: 'waiting', for: 'slot' };
    const second = concat(
      of(waiting, START, CUSTOM, REASONING, ...deltas(ANCHOR), CUSTOM, ...deltas(REST), CUSTOM, anEnd()),
    );
    const { run } = generated([breaks([DELIVERED]), second], { prefill: 'instructed' });
    expect(run.types.slice(2)).toEqual([
      'waiting',
      'attempt-start',
      'custom',
      'reasoning-delta',
      'custom',
      'continuation',
      'text-delta',
      'custom',
      'generation-end',
    ]);
    expect(run.events[4]).toBe(CUSTOM);
  });
});

describe('an answer that adds nothing', () => {
  it('completes the text if it repeats the last words and ends', () => {
    const { run, requests } = generated([breaks([DELIVERED]), says(ANCHOR)], { prefill: 'instructed' });
    expect([run.types, requests.length]).toEqual([
      ['attempt-start', 'text-delta', 'attempt-start', 'generation-end'],
      2,
    ]);
  });

  it('is not trusted at first: the model is asked for the last words', () => {
    const { run, requests, clock } = generated([breaks([DELIVERED]), says(), says(ANCHOR)]);
    expect([run.types, clock.pending]).toEqual([
      ['attempt-start', 'text-delta', 'attempt-start', 'attempt-start', 'generation-end'],
      0,
    ]);
    expect(requests.map(({ continuation }) => continuation?.byInstruction)).toEqual([undefined, false, true]);
  });

  it('may have been a mistake: a later addition is joined', () => {
    const { run, text } = generated([breaks([DELIVERED]), says(), says(ANCHOR + REST)]);
    expect([text(), run.isComplete]).toEqual([WHOLE, true]);
  });

  it.each<[string, readonly Observable<GenerationEvent>[]]>([
    ['empty', [says(), says()]],
    ['blank', [says(' '), says('\n\n', ' ')]],
    ['only thoughts', [of(START, REASONING, anEnd()), of(START, REASONING, anEnd())]],
    ['empty, then not exactly the last words', [says(), says(`Of course:\n${ANCHOR}`)]],
    ['empty, and empty again after a break', [says(), breaks([]), says()]],
  ])('never proves that the text is whole, however often it comes: %s', (_how, answers) => {
    for (const prefill of ['exact', 'instructed'] as const) {
      const { run, requests, text } = generated([breaks([DELIVERED]), ...answers, says()], { prefill });
      expect(run.error).toBeInstanceOf(InterruptedError);
      expect({ requests: requests.length, text: text() }).toEqual({ requests: 1 + answers.length, text: DELIVERED });
    }
    const allowed = { prefill: 'instructed', request: allowing('always') } as const;
    const restarted = generated([breaks([DELIVERED]), ...answers, says(WHOLE)], allowed);
    expect(restarted.run.types.filter((type) => type === 'restart')).toHaveLength(1);
  });

  it.each(['length', 'content-filter', 'tool-calls', 'other'] as const)(
    'does not end the generation with the finish reason %s',
    (reason) => {
      for (const answer of ['', ANCHOR.slice(0, 5), ANCHOR, `Of course:\n${ANCHOR}`, 'No.']) {
        const answers = Array.from({ length: 3 }, () => endsBy(reason, ...(answer === '' ? [] : [answer])));
        const { run, text } = generated([breaks([DELIVERED]), ...answers], { prefill: 'instructed' });
        expect({ isInterrupted: run.error instanceof InterruptedError, text: text() }).toEqual({
          isInterrupted: true,
          text: DELIVERED,
        });
      }
    },
  );

  it('does not end the generation with a tool call, which is dropped with it', () => {
    const call = of(START, ...deltas('I will save it.'), TOOL_CALL, anEnd(TOOL_CALLS));
    const { run } = generated([breaks([DELIVERED]), call, says(WHOLE)], {
      prefill: 'instructed',
      request: allowing('always'),
    });
    expect(run.types.filter((type) => type === 'restart' || type === 'tool-call')).toEqual(['restart']);
    const proof = of(START, ...deltas(ANCHOR), TOOL_CALL, anEnd());
    expect(generated([breaks([DELIVERED]), proof], { prefill: 'instructed' }).run.error).toBeInstanceOf(
      InterruptedError,
    );
  });

  it('does not cause a splice if it is something else', () => {
    const { run, requests } = generated([breaks([DELIVERED]), says('There is no more to say.')], {
      prefill: 'instructed',
    });
    expect(run.error).toBeInstanceOf(InterruptedError);
    expect([requests.length, run.types]).toEqual([2, ['attempt-start', 'text-delta', 'attempt-start']]);
  });
});

describe('an answer that is joined', () => {
  it('brings the content that came before its text was joined', () => {
    const image: GenerationEvent = { type: 'image', url: 'https://example.org/lamp.png' };
    const answer = of(START, image, ...deltas(ANCHOR, REST), TOOL_CALL, anEnd(TOOL_CALLS));
    const { run } = generated([breaks([DELIVERED]), answer], { prefill: 'instructed' });
    expect(run.types.slice(2)).toEqual([
      'attempt-start',
      'continuation',
      'text-delta',
      'image',
      'tool-call',
      'generation-end',
    ]);
  });

  it('is joined at its end if it was still held', () => {
    const whole = `${DELIVERED}.\n\nThen.`;
    const { run, text } = generated([breaks([DELIVERED]), says(ANCHOR, '.\n', '\nThen.')], { prefill: 'instructed' });
    expect({ text: text(), types: run.types.slice(-3) }).toEqual({
      text: whole,
      types: ['continuation', 'text-delta', 'generation-end'],
    });
  });

  it('has the white space behind a text that is whole', () => {
    const { run, text } = generated([breaks([DELIVERED]), says(ANCHOR, '\n')], { prefill: 'instructed' });
    expect({ text: text(), isComplete: run.isComplete }).toEqual({ text: `${DELIVERED}\n`, isComplete: true });
  });
});

describe('a model whose answer leaves open where the text goes on', () => {
  const asks = (scene: ReturnType<typeof generated>): readonly unknown[] =>
    scene.requests.map(({ continuation }) => continuation && [continuation.byInstruction, continuation.anchor]);
  const long = 'in the year. The lamp was cold. He wrote so in the book, signed his name, and went';

  it('is asked by instruction if it did not continue a prefill', () => {
    for (const answer of ['wenting', ` ${DELIVERED} down`, ANCHOR]) {
      const scene = generated([breaks([DELIVERED]), says(answer), says(ANCHOR + REST)]);
      expect({ text: scene.text(), asks: asks(scene) }).toEqual({
        text: WHOLE,
        asks: [undefined, [false, ANCHOR], [true, ANCHOR]],
      });
    }
  });

  it('is asked with a longer anchor if it brought the anchor twice', () => {
    const before = 'It was late in the year. '.repeat(3);
    const answer = `${ANCHOR}\n\n${ANCHOR}${REST}`;
    const scene = generated([breaks([before + DELIVERED]), says(answer), says(long + REST)], { prefill: 'instructed' });
    expect({ text: scene.text(), asks: asks(scene).slice(1) }).toEqual({
      text: before + WHOLE,
      asks: [
        [false, ANCHOR],
        [true, long],
      ],
    });
  });

  it('is asked for words that it is not shown if it may have quoted the anchor only', () => {
    const before = 'It was late in the year. '.repeat(3);
    const quoted = says(`Of course:\n${ANCHOR}`);
    const scene = generated([breaks([before + DELIVERED]), quoted, says(`Of course:\n${long}`)], {
      prefill: 'instructed',
    });
    expect({ text: scene.text(), isComplete: scene.run.isComplete }).toEqual({
      text: before + DELIVERED,
      isComplete: true,
    });
    expect(scene.requests[2]!.continuation!.instruction).toMatch(/:\n\nin the year\. The lamp$/);
    const never = generated([breaks([before + DELIVERED]), quoted, says('Of course:\nin the year. The lamp')], {
      prefill: 'instructed',
    });
    expect(never.run.error).toBeInstanceOf(InterruptedError);
  });

  it('is asked natively again by a restart', () => {
    const scene = generated([breaks([DELIVERED]), says('wenting'), says('No.'), breaks([DELIVERED]), says(REST)], {
      request: allowing('always'),
    });
    expect({ isComplete: scene.run.isComplete, asks: asks(scene) }).toEqual({
      isComplete: true,
      asks: [undefined, [false, ANCHOR], [true, ANCHOR], undefined, [false, ANCHOR]],
    });
  });
});

describe('another model than the requested one', () => {
  const answeredBy = (model: string): GenerationEvent => ({ type: 'response-metadata', answeredBy: model });
  const kinds = (request: GenerationRequest): Prefill => (request.model === 'told' ? 'instructed' : 'exact');

  it('has its answer to a prefill joined by instructed rules if it continues by instruction only', () => {
    const answers = [ANCHOR + REST, WHOLE].map((answer) => of(START, answeredBy('told'), ...deltas(answer), anEnd()));
    for (const answer of answers) {
      const { text, requests } = generated([breaks([DELIVERED]), answer], { prefillOf: kinds });
      expect({ text: text(), requests: requests.length }).toEqual({ text: WHOLE, requests: 2 });
    }
  });

  it('is asked by instruction if that answer is not joined', () => {
    const other = of(START, answeredBy('told'), ...deltas(OTHER), anEnd());
    const { text, requests } = generated([breaks([DELIVERED]), other, says(ANCHOR + REST)], { prefillOf: kinds });
    expect({ text: text(), byInstruction: requests.map(({ continuation }) => continuation?.byInstruction) }).toEqual({
      text: WHOLE,
      byInstruction: [undefined, false, true],
    });
  });

  it('has its answer joined as it is if it continues a prefill too', () => {
    const answer = of(START, answeredBy('other'), ...deltas(REST), anEnd());
    expect(generated([breaks([DELIVERED]), answer], { prefillOf: kinds }).text()).toBe(WHOLE);
  });
});

describe('an answer that cannot be joined', () => {
  const bad = says(...OTHER.match(/.{1,7}/g)!);

  it('restarts the generation if its text has not been used', () => {
    const { run, requests, state } = generated([breaks([DELIVERED]), bad, says(WHOLE)], {
      prefill: 'instructed',
      request: allowing('always'),
    });
    expect(run.types).toEqual([
      'attempt-start',
      'text-delta',
      'attempt-start',
      'restart',
      'attempt-start',
      'text-delta',
      'generation-end',
    ]);
    expect([run.events[3], run.events[5]]).toEqual([{ type: 'restart', reason: 'interrupted' }, ...deltas(WHOLE)]);
    expect([requests[2]!.continuation, state.text]).toEqual([undefined, [WHOLE]]);
  });

  it.each<[string, GoingOn, boolean]>([
    ['never', { request: allowing('never'), continuity: { onBreak: 'restart' } }, false],
    ['if-configured', { request: allowing('if-configured') }, false],
    ['if-configured', { request: allowing('if-configured'), continuity: { onBreak: 'restart' } }, true],
    ['always', { request: allowing('always') }, true],
  ])('restarts the generation or not (%s, %j): %s', (_may, settings, mayRestart) => {
    const { run, requests } = generated([breaks([DELIVERED]), bad, says(WHOLE)], {
      prefill: 'instructed',
      ...settings,
    });
    if (mayRestart) expect([run.types.includes('restart'), run.isComplete]).toEqual([true, true]);
    else {
      expect(run.error).toBeInstanceOf(InterruptedError);
      expect([run.types.includes('restart'), requests.length]).toEqual([false, 2]);
    }
  });

  it('is stopped at once', () => {
    let isStopped = false;
    const endless = concat(of(START, ...deltas(...characters(OTHER))), NEVER).pipe(
      finalize(() => {
        isStopped = true;
      }),
    );
    const { run } = generated([breaks([DELIVERED]), endless], { prefill: 'instructed' });
    expect([run.hasFailed, isStopped]).toEqual([true, true]);
    expect(run.error.message).toContain('a-model did not continue from the place');
  });

  it('restarts no more often than splices are allowed', () => {
    const { run, requests } = generated(
      [breaks([DELIVERED]), bad, breaks([DELIVERED]), bad, breaks([DELIVERED]), bad],
      { prefill: 'instructed', request: allowing('always'), continuity: { maxSegments: 2 } },
    );
    expect(run.error).toBeInstanceOf(InterruptedError);
    expect([requests.length, run.types.filter((type) => type === 'restart').length]).toEqual([5, 2]);
  });

  it('leaves a restarted text to be continued on its own, numbered from 1', () => {
    const { run, text } = generated([breaks(['a']), breaks(['b']), breaks([OTHER]), says('z')], {
      request: allowing('always'),
      continuity: { onBreak: 'restart' },
    });
    expect([run.types.filter((type) => type === 'restart').length, text().endsWith('z'), run.isComplete]).toEqual([
      3,
      true,
      true,
    ]);
    const mixed = generated([breaks([DELIVERED]), bad, breaks([DELIVERED]), says(ANCHOR + REST)], {
      prefill: 'instructed',
      request: allowing('always'),
    });
    expect(mixed.run.events.flatMap((event) => (event.type === 'continuation' ? [event.segment] : []))).toEqual([2]);
  });
});

describe('a text that is given', () => {
  const given = (parts: GoingOn['request'] = {}): GoingOn => ({
    prefill: 'instructed',
    request: { continueFrom: DELIVERED, ...parts },
  });
  const bad = says(...OTHER.match(/.{1,7}/g)!);

  it('is the first segment, and is not delivered again', () => {
    const { run, text, requests, state } = generated([says(ANCHOR + REST)], given());
    expect(run.types).toEqual(['attempt-start', 'continuation', 'text-delta', 'generation-end']);
    expect({ text: text(), event: run.events[1], whole: state.text.join('') }).toMatchObject({
      text: REST,
      event: { segment: 2, reason: 'given' },
      whole: WHOLE,
    });
    expect(requests[0]!.continuation).toMatchObject({ text: DELIVERED.slice(0, -ANCHOR.length), reason: 'given' });
    expect('continueFrom' in requests[0]!).toBe(false);
  });

  it('is continued further where its continuation breaks off', () => {
    const { run, text } = generated([breaks([ANCHOR, ' down']), says(ANCHOR.slice(7), ' down', REST.slice(5))], {
      ...given(),
      prefillOf: () => 'instructed',
    });
    expect(run.events.flatMap((event) => (event.type === 'continuation' ? [event.reason] : []))).toEqual([
      'given',
      'interrupted',
    ]);
    expect(text()).toBe(REST);
  });

  it.each<['always' | 'if-configured' | 'never', NonNullable<GoingOn['continuity']>, boolean]>([
    ['always', {}, false],
    ['always', { onBreak: 'restart' }, true],
    ['if-configured', {}, false],
    ['if-configured', { onBreak: 'restart' }, true],
    ['never', { onBreak: 'restart' }, false],
  ])('is dropped for a new one only if that is configured (%s, %j): %s', (may, continuity, isDropped) => {
    const { run, text } = generated([bad, says(WHOLE)], { ...given(allowing(may)), continuity });
    expect({ text: text(), restarts: run.types.includes('restart'), hasFailed: run.hasFailed }).toEqual({
      text: isDropped ? WHOLE : '',
      restarts: isDropped,
      hasFailed: !isDropped,
    });
  });

  it('explains a failure before anything was added by the failure itself, and a later one as a break', () => {
    const failure = new GenerationError('authentication', 'no key');
    const refused = failing(() => failure);
    const before = generated([concat(of(START), refused)], given());
    expect(before.run.error).toBe(failure);
    const after = generated([breaks([ANCHOR, ' down']), concat(of(START), refused)], given());
    expect(after.run.error).toMatchObject({ code: 'interrupted', cause: { code: 'authentication' } });
    const restarted = generated([bad, concat(of(START), refused)], {
      ...given(),
      continuity: { onBreak: 'restart' },
    });
    expect(restarted.run.types).toContain('restart');
    expect(restarted.run.error).toMatchObject({ code: 'authentication' });
  });
});

describe('a refused continuation request', () => {
  it('is repeated once by instruction after a bad request', () => {
    const { run, requests, text } = generated([breaks([DELIVERED]), refuses('bad-request'), says(ANCHOR + REST)]);
    expect([text(), run.isComplete, requests.map(({ continuation }) => continuation?.byInstruction)]).toEqual([
      WHOLE,
      true,
      [undefined, false, true],
    ]);
    const twice = generated([breaks([DELIVERED]), refuses('bad-request')]);
    expect([twice.run.error.code, twice.requests.length]).toEqual(['interrupted', 3]);
  });

  it.each<ErrorCode>(['cannot-continue', 'context-length'])('restarts the generation, if allowed, after %s', (code) => {
    const may = generated([breaks([DELIVERED]), refuses(code), says(WHOLE)], { request: allowing('always') });
    expect([may.run.isComplete, may.run.events.filter(({ type }) => type === 'restart')]).toEqual([
      true,
      [{ type: 'restart', reason: code }],
    ]);
    const mayNot = generated([breaks([DELIVERED]), refuses(code)]);
    expect(mayNot.run.error).toMatchObject({ code: 'interrupted', cause: { code } });
  });

  it.each<ErrorCode>(['authentication', 'payment-required', 'not-found', 'timeout', 'retry-exhausted', 'circuit-open'])(
    'ends the generation as interrupted after %s',
    (code) => {
      const { run, requests } = generated([breaks([DELIVERED]), refuses(code), says(WHOLE)], {
        request: allowing('always'),
      });
      expect(run.error).toBeInstanceOf(InterruptedError);
      expect([run.error.cause, requests.length]).toMatchObject([{ code }, 2]);
    },
  );

  it.each<ErrorCode>(['rate-limit', 'quota', 'budget', 'content-filter', 'aborted', 'internal'])(
    'leaves %s unchanged',
    (code) => {
      const failure = code === 'rate-limit' ? new RateLimitError('slow down') : new GenerationError(code, 'no');
      expect(generated([breaks([DELIVERED]), failing(() => failure)]).run.error).toBe(failure);
    },
  );
});

describe('a break that is not continued', () => {
  it('is one before the first text, which is retried further in', () => {
    const failure = new GenerationError('retry-exhausted', 'all failed');
    const { run, requests } = generated([
      concat(
        of(START, REASONING),
        failing(() => failure),
      ),
    ]);
    expect([run.error === failure, requests.length]).toEqual([true, 1]);
  });

  it('is every one with onBreak "fail"', () => {
    const { run, requests } = generated([breaks([DELIVERED])], {
      continuity: { onBreak: 'fail' },
      request: allowing('always'),
    });
    expect([run.error.code, run.error.message, requests.length]).toEqual([
      'interrupted',
      'The answer broke off before its end: the host went away',
      1,
    ]);
  });

  it('is one that would only happen again', () => {
    const { run, requests } = generated([breaks([DELIVERED], { retryable: false })], { request: allowing('always') });
    expect([run.error.code, requests.length]).toEqual(['interrupted', 1]);
  });

  it.each<[string, GenerationEvent]>([
    ['open', { type: 'response-metadata', toolCallsOpen: true }],
    ['made', TOOL_CALL],
  ])('is one with a tool call %s, if it may not restart', (_how, event) => {
    const broken = concat(of(START, ...deltas('a'), event), breaks([]));
    expect(generated([broken, says('b')]).run.error.code).toBe('interrupted');
    const again = generated([broken, says('b')], { request: allowing('always') });
    expect(again.run.types.slice(3)).toEqual([
      'attempt-start',
      'restart',
      'attempt-start',
      'text-delta',
      'generation-end',
    ]);
  });

  it('is one with a tool call that came before the answer was joined', () => {
    const second = concat(of(START, TOOL_CALL, ...deltas(ANCHOR, ' down')), breaks([]));
    const { run, requests } = generated([breaks([DELIVERED]), second, says(REST)], { prefill: 'instructed' });
    expect(run.error.code).toBe('interrupted');
    expect({ requests: requests.length, types: run.types.slice(3) }).toEqual({
      requests: 2,
      types: ['continuation', 'text-delta', 'tool-call', 'attempt-start'],
    });
  });

  it('does not exist with onBreak "restart"', () => {
    const again = generated([breaks([DELIVERED]), says(WHOLE)], { continuity: { onBreak: 'restart' } });
    expect([again.run.types, again.run.events[2]]).toEqual([
      ['attempt-start', 'text-delta', 'restart', 'attempt-start', 'text-delta', 'generation-end'],
      { type: 'restart', reason: 'server-error' },
    ]);
    const text = generated([breaks([DELIVERED]), says(REST)], {
      continuity: { onBreak: 'restart' },
      request: allowing('never'),
    });
    expect([text.text(), text.run.types.includes('restart')]).toEqual([WHOLE, false]);
  });

  it('can be set by one request', () => {
    const { run, requests } = generated([breaks([DELIVERED])], {
      request: { overrides: { continuity: { onBreak: 'fail' } } },
    });
    expect([run.error.code, requests.length]).toEqual(['interrupted', 1]);
  });
});
