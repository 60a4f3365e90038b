import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../src/core/events.js';
import { ChatReader } from '../../src/chat/chat-reader.js';
import { LikeTheLast } from '../../src/chat/like-the-last.js';
import type { Json } from '../../src/chat/json.js';
import { runs } from '../support/runs.js';
import { anyText } from '../support/any-text.js';

const aReader = () =>
  new ChatReader({
    provider: 'fake',
    model: 'a-model',
    attempt: 1,
    mayBeEmpty: false,
    failure: (error) => new GenerationError('server-error', JSON.stringify(error)),
  });

/** What a reader makes of these events, step by step: with its memory of the last one, or without. */
function course(
  events: readonly string[],
  withMemory: boolean,
): { readonly steps: readonly unknown[]; readonly unparsed: number } {
  const reader = aReader();
  const steps: unknown[] = [];
  let unparsed = 0;
  const step = (act: (emit: (event: GenerationEvent) => void) => unknown): void => {
    const told: GenerationEvent[] = [];
    try {
      steps.push([act((event) => told.push(event)), told, reader.isWhole()]);
    } catch (error) {
      steps.push([String(error), told]);
    }
  };
  for (const data of events) {
    step((emit) => {
      const known = withMemory ? reader.readUnparsed(data, emit) : undefined;
      if (known !== undefined) unparsed += 1;
      return known ?? reader.read(JSON.parse(data), emit, withMemory ? data : undefined);
    });
  }
  step((emit) => reader.end(emit));
  return { steps, unparsed };
}

interface Further {
  readonly delta?: Json;
  readonly choice?: Json;
  readonly top?: Json;
}

const chunk = (content: unknown, { delta, choice, top }: Further = {}): Json => ({
  id: 'gen-1',
  model: 'a/model',
  created: 1,
  ...top,
  choices: [{ index: 0, delta: { role: 'assistant', content, ...delta }, finish_reason: null, ...choice }],
});
const STOP = JSON.stringify({ id: 'gen-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });

describe('an event that differs from the previous one only in its text', () => {
  it('is not parsed', () => {
    const texts = [
      'One',
      ' upon',
      '',
      ' “quoted” \\ "and" \n so',
      ' 小説',
      ' \ud83d',
      '\ude00',
      ' a rather long piece of text',
      '\u2028',
      '\u0000',
    ];
    const events = [...texts.map((text) => JSON.stringify(chunk(text))), STOP];
    expect(course(events, true)).toEqual({ ...course(events, false), unparsed: texts.length - 1 });
  });

  it.each<[string, (text: string) => string]>([
    ['spaces around everything', (text) => JSON.stringify(chunk(text), undefined, 1)],
    [
      'a text in escapes',
      (text) =>
        JSON.stringify(chunk('TEXT')).replace(
          'TEXT',
          text.replaceAll(/./g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
        ),
    ],
    [
      'fields of its own and empty ones',
      (text) =>
        JSON.stringify(
          chunk(text, {
            delta: { refusal: null, reasoning: '', tool_calls: [], channel: 'final' },
            choice: { logprobs: null, stop_reason: null },
            top: { usage: null, fp: 'x' },
          }),
        ),
    ],
  ])('is not parsed, with %s', (_, write) => {
    const events = ['One', ' upon', ' a'].map(write);
    expect(course(events, true)).toEqual({ ...course(events, false), unparsed: 2 });
  });

  it.each<[string, string, string]>([
    [
      'ends the answer within its text',
      JSON.stringify(chunk('One')),
      JSON.stringify(chunk('X')).replace('"X"', '"two"},"finish_reason":"stop","x":{"y":"z"'),
    ],
    [
      'has a second content',
      JSON.stringify(chunk('One')),
      JSON.stringify(chunk('X')).replace('"X"', '"two","content":"three"'),
    ],
    [
      'has its content in other words',
      JSON.stringify(chunk('One')),
      JSON.stringify(chunk([{ type: 'text', text: 'two' }])),
    ],
  ])('is parsed if it %s', (_, first, second) => {
    expect(course([first, second], true)).toEqual({ ...course([first, second], false), unparsed: 0 });
  });

  it.each<[string, Json]>([
    ['content stands elsewhere, too', chunk('One', { top: { content: 'One' } })],
    ['content stands in the choice, too', chunk('One', { choice: { content: 'One' } })],
    ['the text is the word itself', chunk('content')],
    ['there are thoughts', chunk('One', { delta: { reasoning: 'Hm.' } })],
    ['there is part of a refusal', chunk('One', { delta: { refusal: 'No' } })],
    ['there are probabilities', chunk('One', { choice: { logprobs: { content: [] } } })],
    ['there is an empty word on probabilities', chunk('One', { choice: { logprobs: '' } })],
    ['there is an error that is no object', chunk('One', { top: { error: '' } })],
    ['a name stands there twice', chunk('One', { choice: { id: 'other' } })],
    ['the index is a list', chunk('One', { choice: { index: [] } })],
    ['there is a usage', chunk('One', { top: { usage: { prompt_tokens: 1, completion_tokens: 2 } } })],
    [
      'there is a tool call',
      chunk('One', { delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }] } }),
    ],
    ['it ends the answer', chunk('One', { choice: { finish_reason: 'stop' } })],
    [
      'there are two choices',
      {
        id: 'gen-1',
        choices: [
          { index: 0, delta: { content: 'One' } },
          { index: 1, delta: { content: 'Uno' } },
        ],
      },
    ],
  ])('is parsed if %s', (_, value) => {
    const like = new LikeTheLast();
    const data = JSON.stringify(value);
    like.learn(data, value, (value.choices as Json[])[0]!);
    expect(like.contentOf(data)).toBeUndefined();
    expect(course([data, data], true).steps).toEqual(course([data, data], false).steps);
  });

  it('is parsed if a vendor reports the token cap as an error once, and then a real error', () => {
    const capped = JSON.stringify(chunk('', { choice: { finish_reason: 'length' } }));
    const failed = JSON.stringify(chunk('One', { top: { error: 'cap' } }));
    expect(course([capped, failed, failed], true).steps).toEqual(course([capped, failed, failed], false).steps);
  });

  it('is parsed if a key is escaped', () => {
    const [first, second] = ['One', 'two'].map(
      (text) =>
        `{"id":"gen-1","choices":[{"delta":{"content":"${text}"}}],"choices":[{"delta":{"c\\u006fntent":"One"}}]}`,
    );
    expect(course([first!, second!], true)).toEqual({ ...course([first!, second!], false), unparsed: 0 });
  });

  it.each(['a"b', 'a\\', 'a\nb', '\\x', 'ab\\\\"'])('is invalid JSON if its text is %j', (body) => {
    const like = new LikeTheLast();
    const value = chunk('TEXT');
    const data = JSON.stringify(value);
    like.learn(data, value, (value.choices as Json[])[0]!);
    expect(like.contentOf(data)).toBe('TEXT');
    expect(like.contentOf(data.replace('TEXT', body))).toBeUndefined();
  });

  it('is not parsed after many reasoning events', () => {
    const thoughts = Array.from({ length: 40 }, (_, index) =>
      JSON.stringify(chunk('', { delta: { reasoning: `Hm ${index}.` } })),
    );
    const events = [...thoughts, ...['One', ' upon', ' a'].map((text) => JSON.stringify(chunk(text)))];
    expect(course(events, true)).toEqual({ ...course(events, false), unparsed: 2 });
  });

  it('is no longer expected in a stream whose events all differ', () => {
    const events = Array.from({ length: 40 }, (_, index) =>
      JSON.stringify(chunk('One', { top: { obfuscation: String(index) } })),
    );
    expect(course([...events, events[39]!], true)).toEqual({ ...course([...events, events[39]!], false), unparsed: 0 });
  });
});

describe('reading by comparison with the previous event', () => {
  const text = fc.oneof(
    anyText(),
    fc.constantFrom('', 'One', '"', '\\', '\ud83d', '\ude00', 'content', '"content":"', '[DONE]'),
  );
  const scalar = fc.oneof(fc.constantFrom(null, '', 0, 1, true), text);
  const odd = fc.oneof(scalar, fc.constantFrom<unknown>([], [{ a: 1 }], { a: 'b' }, { content: 'One' }));
  const wild = fc.record(
    {
      id: fc.constantFrom('gen-1', 'gen-2', ''),
      model: scalar,
      created: scalar,
      content: text,
      error: fc.constantFrom(null, null, null, 'no'),
      usage: fc.constantFrom(null, null, { prompt_tokens: 1, completion_tokens: 2 }),
      choices: fc.array(
        fc.record(
          {
            index: fc.constantFrom(0, 1),
            finish_reason: fc.constantFrom(null, null, null, 'stop', 'length', ''),
            logprobs: odd,
            content: text,
            error: fc.constantFrom(null, null, { message: 'no' }),
            delta: fc.record(
              {
                content: fc.oneof(text, odd),
                role: scalar,
                reasoning: odd,
                refusal: scalar,
                tool_calls: fc.constantFrom<unknown>(
                  null,
                  [],
                  [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }],
                ),
                mood: odd,
              },
              { requiredKeys: ['content'] },
            ),
          },
          { requiredKeys: ['delta'] },
        ),
        { minLength: 1, maxLength: 2 },
      ),
    },
    { requiredKeys: ['choices'] },
  );
  const usual = fc.record({
    id: fc.constant('gen-1'),
    model: text,
    created: scalar,
    choices: fc.tuple(
      fc.record(
        {
          index: fc.constantFrom(0, 0, 1),
          finish_reason: fc.constant(null),
          delta: fc.record({ role: text, content: text, mood: scalar }, { requiredKeys: ['content'] }),
        },
        { requiredKeys: ['delta'] },
      ),
    ),
  });
  const any = fc.oneof({ weight: 2, arbitrary: usual }, { weight: 1, arbitrary: wild }) as fc.Arbitrary<{
    readonly choices: readonly { readonly delta: Json }[];
  }>;
  /** Events, most of which are the one before with another text. */
  const stream = fc
    .array(fc.tuple(any, fc.array(text, { maxLength: 4 }), fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((parts) =>
      parts.flatMap(([first, texts, isWide]) =>
        [
          first,
          ...texts.map((content) => ({
            ...first,
            choices: first.choices.map((each) => ({ ...each, delta: { ...each.delta, content } })),
          })),
        ].map((value) => JSON.stringify(value, undefined, isWide ? 1 : 0)),
      ),
    );

  it('yields the same as parsing each event', () => {
    let unparsed = 0;
    fc.assert(
      fc.property(stream, (events) => {
        const remembered = course(events, true);
        unparsed += remembered.unparsed;
        expect(remembered.steps).toEqual(course(events, false).steps);
      }),
      { numRuns: runs(4) },
    );
    expect(unparsed).toBeGreaterThan(0);
  });
});
