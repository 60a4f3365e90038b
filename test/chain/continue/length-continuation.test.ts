import { describe, expect, it } from '@jest/globals';
import { concat, finalize, NEVER, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { MAY_RESTART } from '../../../src/core/continuation.js';
import { RequestContext } from '../../../src/core/context.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import { anEnd, CUSTOM, failing, TOOL_CALL } from '../chain.js';
import {
  ANCHOR,
  breaks,
  characters,
  DELIVERED,
  deltas,
  endsBy,
  generate,
  generated,
  says,
  START,
  WHOLE,
} from './going-on.js';
import type { GoingOn } from './going-on.js';

const ON: GoingOn = { continuity: { onLength: 'continue' } };
const on = (continuity: GoingOn['continuity']): GoingOn => ({ continuity: { onLength: 'continue', ...continuity } });
const capped = (...texts: readonly string[]): Observable<GenerationEvent> => endsBy('length', ...texts);
const LENGTH = anEnd({ finishReason: { unified: 'length', raw: 'length' } });
const warnings = (events: readonly GenerationEvent[]): readonly unknown[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe('an answer cut by its token cap', () => {
  it('is returned as is, unless it is configured to be continued', () => {
    const { run, requests } = generated([capped('a'), says('b')]);
    expect([run.events.at(-1), requests.length, warnings(run.events)]).toEqual([LENGTH, 1, []]);
  });

  it('is continued, and the continuation event has the reason', () => {
    const { run, text, requests } = generated([capped('The lamp', ' was'), says(' cold.')], ON);
    expect(run.events).toEqual([
      START,
      ...deltas('The lamp', ' was'),
      START,
      { type: 'continuation', segment: 2, reason: 'length', provider: 'fake', model: 'a-model' },
      ...deltas(' cold.'),
      anEnd(),
    ]);
    expect([text(), requests[1]!.continuation?.reason, run.isComplete]).toEqual(['The lamp was cold.', 'length', true]);
  });

  it('is continued or not as the request says', () => {
    expect(
      generated([capped('a'), says('b')], { request: { overrides: { continuity: { onLength: 'continue' } } } }).text(),
    ).toBe('ab');
    expect(
      generated([capped('a'), says('b')], {
        ...ON,
        request: { overrides: { continuity: { onLength: 'stop' } } },
      }).text(),
    ).toBe('a');
  });

  it('is joined like one that broke off', () => {
    const { text, run } = generated([capped(DELIVERED), says(...characters(WHOLE))], { ...ON, prefill: 'instructed' });
    expect([text(), run.isComplete]).toEqual([WHOLE, true]);
  });

  it('gets the whole token cap in each segment, and uses up no attempt', () => {
    const { requests, text } = generated(Array.from('abcdefg', (letter) => capped(letter)).concat(says('h')), {
      ...ON,
      request: { maxTokens: 1 },
      retry: { maxAttempts: 1 },
    });
    expect([text(), requests.map(({ maxTokens }) => maxTokens)]).toEqual(['abcdefgh', [1, 1, 1, 1, 1, 1, 1, 1]]);
  });

  it('is final with any other finish reason', () => {
    for (const reason of ['content-filter', 'other', 'stop'] as const)
      expect(generated([endsBy(reason, 'a'), says('b')], ON).requests).toHaveLength(1);
  });

  it('may break off in any segment', () => {
    const { text, run } = generated([breaks(['a']), capped('b'), breaks(['c']), says('d')], ON);
    expect([
      text(),
      run.events.flatMap((event) => (event.type === 'continuation' ? [[event.segment, event.reason]] : [])),
    ]).toEqual([
      'abcd',
      [
        [2, 'interrupted'],
        [3, 'length'],
        [4, 'interrupted'],
      ],
    ]);
  });

  it('is not continued inside a tool call, which cannot be joined', () => {
    const open: GenerationEvent = { type: 'response-metadata', toolCallsOpen: true };
    for (const event of [open, TOOL_CALL]) {
      const { requests, run } = generated([of(START, ...deltas('a'), event, LENGTH), says('b')], ON);
      expect([requests.length, run.events.at(-1)]).toEqual([1, LENGTH]);
    }
  });
});

interface Ending {
  readonly when: string;
  readonly streams: readonly Observable<GenerationEvent>[];
  readonly settings?: GoingOn;
  readonly text: string;
  readonly why: string;
}

describe('continuing ends, with the cut answer and a warning,', () => {
  it.each<Ending>([
    {
      when: 'a segment added nothing',
      streams: [capped(DELIVERED), capped(), capped()],
      text: DELIVERED,
      why: 'a-model did not continue it from its end, so its answer was dropped',
    },
    {
      when: 'every answer is empty, though it ends with stop',
      streams: [capped(DELIVERED), says(), says()],
      text: DELIVERED,
      why: 'a-model did not continue it from its end, so its answer was dropped',
    },
    {
      when: 'the first segment has no text, such as one that was spent on thoughts',
      streams: [capped(), says('a')],
      text: '',
      why: 'the last segment added nothing',
    },
    {
      when: 'a segment brought only what was there',
      streams: [capped(DELIVERED), capped(ANCHOR)],
      settings: { ...ON, prefill: 'instructed' },
      text: DELIVERED,
      why: 'a-model did not continue it from its end, so its answer was dropped',
    },
    {
      when: 'the text has its words',
      streams: [capped('one two '), capped(' three '), says(' four')],
      settings: on({ targetWords: 3 }),
      text: 'one two three ',
      why: 'it has its words (continuity.targetWords)',
    },
    {
      when: 'the text has its tokens',
      streams: [capped('abcd'), capped('efgh'), says('ijkl')],
      settings: on({ targetTokens: 2 }),
      text: 'abcdefgh',
      why: 'it has its tokens (continuity.targetTokens)',
    },
    {
      when: 'all splices are made',
      streams: [capped('a'), capped('b'), capped('c')],
      settings: on({ maxSegments: 2 }),
      text: 'abc',
      why: 'there may be no more than 2 splices (continuity.maxSegments)',
    },
    {
      when: 'all requests are made',
      streams: [capped('a'), capped('b'), capped('c')],
      settings: { ...ON, maxRequests: 3 },
      text: 'abc',
      why: 'there may be no more than 3 requests (limits.maxRequests)',
    },
  ])('when $when', ({ streams, settings = ON, text: expected, why }) => {
    const { run, text, requests } = generated(streams, settings);
    expect([text(), run.events.at(-1), run.isComplete]).toEqual([expected, LENGTH, true]);
    expect(warnings(run.events)).toEqual([`The text was cut at its token cap and not continued: ${why}.`]);
    expect(requests.length).toBeLessThanOrEqual(3);
  });

  it('when a segment repeats a paragraph', () => {
    const paragraph = `${'The sea was calm, and the keeper slept. '.repeat(6)}\n\n`;
    const { run, requests, text } = generated(
      [capped(paragraph, 'Then'), capped(' again:\n', paragraph), says('b')],
      ON,
    );
    expect([requests.length, run.isComplete, text()]).toEqual([2, true, `${paragraph}Then again:\n${paragraph}`]);
    expect(warnings(run.events)[0]).toContain('it began to repeat itself');
  });

  it('without a warning if the text is complete', () => {
    expect(warnings(generated([capped('a'), says('b')], ON).run.events)).toEqual([]);
  });
});

describe('a model that cannot continue, or whose answer cannot be joined,', () => {
  const allowing: GoingOn = { ...ON, request: { context: RequestContext.empty.with(MAY_RESTART, 'always') } };
  const other = says('I cannot do that. '.repeat(30));
  const refuses = concat(
    of(START),
    failing(() => new GenerationError('cannot-continue', 'no')),
  );

  it.each([
    ['refuses', refuses],
    ['says something else', other],
  ])('does not restart the generation only to be cut at the same place (%s)', (_what, second) => {
    const { requests } = generated([capped(DELIVERED), second, capped(DELIVERED), second, capped(DELIVERED), second], {
      ...allowing,
      prefill: 'instructed',
    });
    expect(requests.length).toBeLessThanOrEqual(2);
  });
});

describe('length-continuation', () => {
  it('forwards unknown events and every failure', () => {
    const failure = new GenerationError('authentication', 'no');
    const { run } = generated([of(START, CUSTOM, ...deltas('a'), LENGTH), failing(() => failure)], ON);
    expect([run.events[1], run.error.cause]).toEqual([CUSTOM, failure]);
  });

  it('does nothing before a subscription, and nothing more after its end', () => {
    let isStopped = false;
    const { requests, open } = generate(
      [
        capped('a'),
        concat(of(START, ...deltas('b')), NEVER).pipe(
          finalize(() => {
            isStopped = true;
          }),
        ),
      ],
      ON,
    );
    expect(requests).toHaveLength(0);
    const { run } = open();
    expect([requests.length, isStopped]).toEqual([2, false]);
    run.stop();
    expect([requests.length, isStopped, run.isComplete]).toEqual([2, true, false]);
  });
});
