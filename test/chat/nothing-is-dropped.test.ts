import { describe, expect, it } from '@jest/globals';
import { joinPieces } from '../../src/chat/join-pieces.js';
import { chunk, delta, end, read, whole } from './read-chunks.js';

const MESSAGE = (parts: string) =>
  `"vendor" sent what Scriptorium does not know: ${parts}. The result has it as it came (providerMetadata, reasoningDetails).`;

describe('what is not known', () => {
  it.each<[string, object, string, object]>([
    ['a field of a delta', chunk({ delta: { mood: 'calm' } }), '"mood" in a delta', { mood: 'calm' }],
    ['a field of a choice', chunk({ delta: {}, video: { id: 7 } }), '"video" in a choice', { video: { id: 7 } }],
    [
      'a field of another shape',
      chunk({ delta: { reasoning: { text: 'Hm.' } } }),
      '"reasoning" in a delta',
      { reasoning: { text: 'Hm.' } },
    ],
    [
      'a list of annotations with something else in it',
      chunk({ delta: { annotations: [7] } }),
      '"annotations" in a delta',
      { annotations: [7] },
    ],
    [
      'an event of another kind',
      { type: 'response.output_item.added', item: { id: 'i' } },
      'the event "response.output_item.added"',
      { events: [{ type: 'response.output_item.added', item: { id: 'i' } }] },
    ],
    [
      'an object of another kind',
      { object: 'trace', steps: [1] },
      'the event "trace"',
      { events: [{ object: 'trace', steps: [1] }] },
    ],
  ])('%s is kept as it came, and named once', (...[, piece, named, metadata]) => {
    const { text, metadata: kept, warnings } = read([piece, delta('One.'), piece, end('stop')]);
    expect({ text, warnings }).toEqual({ text: 'One.', warnings: [MESSAGE(named)] });
    const [[key, value] = ['']] = Object.entries(metadata);
    const times = key === 'events' ? { events: [...(value as object[]), ...(value as object[])] } : metadata;
    expect(kept).toMatchObject(times);
  });

  it.each([
    ['a ping', { type: 'ping' }],
    ['a usage', { object: 'usage', usage: { prompt_tokens: 1, completion_tokens: 1 } }],
    ['a field of the chunk beside the answer', chunk({ delta: {} }, { region: 'eu' })],
    ['a field that is known', chunk({ delta: { token_ids: [1] }, stop_reason: 128_009 })],
    ['a field with nothing in it', chunk({ delta: { mood: '', parts: [], more: {}, is_mood: false } })],
  ])('is not %s', (_, piece) => {
    expect(read([piece, delta('One.'), end('stop')]).warnings).toEqual([]);
  });

  it('does not pass for an empty answer, which would be paid for again and again', () => {
    expect(() => read([chunk({ delta: { mood: 'calm' } }), end('stop')])).toThrow(
      expect.objectContaining({
        code: 'malformed-answer',
        message: 'The answer has nothing but parts that Scriptorium does not know: "mood" in a delta.',
      }),
    );
    expect(() => read([chunk({ delta: { mood: 'calm' } }), end('length')])).toThrow('token cap');
  });

  it.each([
    ['a delta that is a text', chunk({ delta: 'One.' })],
    ['a message that is a list', chunk({ message: ['One.'] })],
    ['content that is a number', delta(7)],
    ['a part that is a number', delta(['One.', 7])],
  ])('is malformed where it may hide text: %s', (_, piece) => {
    expect(() => read([piece, end('stop')])).toThrow('unknown shape');
  });

  it('is not an empty list in place of a delta', () => {
    expect(read([chunk({ delta: [] }), delta('One.'), end('stop')]).text).toBe('One.');
  });
});

describe('answers beside the first one', () => {
  const second = (content: string) => ({ index: 1, delta: { role: 'assistant', content } });

  it('are kept whole, and named', () => {
    const first = { index: 0, delta: { content: 'One.' } };
    const { text, metadata, warnings } = read([
      { choices: [first, second('Un')] },
      { choices: [second('us.')] },
      { choices: [{ index: 1, delta: {}, finish_reason: 'length' }] },
      end('stop'),
    ]);
    expect({ text, warnings }).toEqual({ text: 'One.', warnings: [MESSAGE('choice 1')] });
    expect(metadata).toMatchObject({
      choices: [{ index: 1, message: { role: 'assistant', content: 'Unus.' }, finish_reason: 'length' }],
    });
  });

  it('of a whole body are kept too', () => {
    const body = {
      choices: [
        { message: { content: 'One.' }, finish_reason: 'stop' },
        { index: 1, message: { content: 'Unus.' } },
      ],
    };
    expect(read([body], { isBody: true })).toMatchObject({
      text: 'One.',
      metadata: { choices: [{ index: 1, message: { content: 'Unus.' } }] },
    });
  });
});

describe('parts of a content', () => {
  it('that hold thoughts are thoughts, and stay as they came', () => {
    const { text, thought, details } = read([
      delta([{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }]),
      delta([{ type: 'thinking', thinking: [{ type: 'text', text: ' — so.' }], closed: true }]),
      delta([{ type: 'text', text: 'One.' }]),
      end('stop'),
    ]);
    expect({ text, thought, details }).toEqual({
      text: 'One.',
      thought: 'Hm — so.',
      details: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm — so.' }], closed: true }],
    });
  });

  it('that hold thoughts after a text are another part', () => {
    const thinking = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
    expect(read([delta([thinking('a')]), delta('One.'), delta([thinking('b')]), end('stop')]).details).toEqual([
      thinking('a'),
      thinking('b'),
    ]);
    expect(read([whole([thinking('a'), thinking('b'), 'One.'])], { isBody: true }).details).toEqual([
      thinking('a'),
      thinking('b'),
    ]);
  });

  it.each([
    ['a text', { type: 'thinking', thinking: 'Hm.', signature: 's' }],
    ['the text of the part', { type: 'reasoning', text: 'Hm.' }],
  ])('may hold thoughts as %s', (_, part) => {
    expect(read([whole([part, { type: 'text', text: 'One.' }])], { isBody: true })).toMatchObject({
      text: 'One.',
      thought: 'Hm.',
      details: [part],
    });
    expect(read([delta(part), delta('One.'), end('stop')])).toMatchObject({ text: 'One.', thought: 'Hm.' });
  });

  it('may have something beside their text', () => {
    const part = { type: 'text', text: 'One.', sources: [7], index: 0 };
    expect(read([delta([part]), end('stop')])).toMatchObject({
      text: 'One.',
      metadata: { content_parts: [{ type: 'text', sources: [7] }] },
    });
  });

  it('may hold a refusal', () => {
    expect(() => read([delta([{ type: 'refusal', refusal: 'I would rather not.' }]), end('stop')])).toThrow(
      'I would rather not.',
    );
  });
});

describe('an answer without text is not empty, if it has', () => {
  it.each<[string, object, object]>([
    ['a sound', { audio: { id: 'a' } }, { audio: { id: 'a' } }],
    ['an image of another shape', { images: [{ b64_json: 'AAAA' }] }, { images: [{ index: 0, b64_json: 'AAAA' }] }],
    ['a document', { content: [{ type: 'document', id: 'd' }] }, { content_parts: [{ type: 'document', id: 'd' }] }],
  ])('%s, which counts as life for the timers', (_, fields, metadata) => {
    const answer = read([chunk({ delta: fields }), end('stop')]);
    expect(answer).toMatchObject({ metadata, hadContent: [true, false], warnings: [] });
  });

  it('an image whose address stands by itself', () => {
    const url = 'https://example.test/a.png';
    expect(read([chunk({ delta: { images: [{ type: 'image_url', image_url: url }] } }), end('stop')]).images).toEqual([
      url,
    ]);
  });

  it('the pieces of a sound, even where two are equal', () => {
    const piece = chunk({ delta: { audio: { data: 'AAAA' } } });
    expect(read([piece, piece, end('stop')]).metadata).toMatchObject({ audio: [{ data: 'AAAA' }, { data: 'AAAA' }] });
  });
});

describe('a message that repeats a stream', () => {
  it('repeats no details, images and annotations', () => {
    const beside = {
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', index: 0 }],
      images: [{ image_url: { url: 'https://example.test/a.png' } }],
      annotations: [{ type: 'url_citation', url_citation: { url: 'https://example.test' } }],
    };
    const { details, images, annotations, text } = read([
      chunk({ delta: { content: 'One.', ...beside } }),
      whole('One.', { message: { content: 'One.', ...beside } }),
    ]);
    expect({ text, details, images: images.length, annotations: annotations.length }).toEqual({
      text: 'One.',
      details: beside.reasoning_details,
      images: 1,
      annotations: 1,
    });
  });

  it('has its thoughts once, in whichever way it holds them', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] };
    const parts = [thinking, { type: 'text', text: 'One.' }];
    expect(read([delta([thinking]), delta('One.'), whole(parts)])).toMatchObject({
      thought: 'Hm.',
      details: [thinking],
    });
    expect(read([delta('One.'), whole(parts)])).toMatchObject({ text: 'One.', thought: 'Hm.', details: [thinking] });
  });
});

it('thoughts that come only as details are life for the timers', () => {
  const details = (index: number) =>
    chunk({ delta: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', index }] } });
  expect(read([details(0), details(1), delta('One.'), end('stop')]).hadContent).toEqual([true, true, true, false]);
});

it('the older completions have their text in the choice', () => {
  const piece = (text: string) => ({ object: 'text_completion', choices: [{ index: 0, text }] });
  expect(read([piece('The sea '), piece('was calm.'), end('stop')]).text).toBe('The sea was calm.');
});

describe('pieces of an unknown kind', () => {
  it.each<[object, object, object]>([
    [{ content: 'a' }, { content: 'b' }, { content: 'ab' }],
    [
      { type: 'x', id: '1' },
      { type: 'x', id: '1' },
      { type: 'x', id: '1' },
    ],
    [{ content: null }, { content: 'b' }, { content: 'b' }],
    [{ content: 'a' }, { content: null }, { content: 'a' }],
    [{ of: { text: 'a' } }, { of: { text: 'b', more: 1 } }, { of: { text: 'ab', more: 1 } }],
    [{ list: [1] }, { list: [2] }, { list: [1, 2] }],
    [
      { list: [{ index: 0, text: 'a' }] },
      { list: [{ index: 0, text: 'b' }, { index: 1 }] },
      { list: [{ index: 0, text: 'ab' }, { index: 1 }] },
    ],
    [{ count: 1 }, { count: 2 }, { count: 2 }],
  ])('%j and %j are %j', (before, piece, joined) => {
    expect(joinPieces(before as never, piece as never)).toEqual(joined);
  });

  it('cannot change what an object inherits', () => {
    const piece = JSON.parse('{"__proto__":{"polluted":1}}') as never;
    const joined = joinPieces({}, piece) as { polluted?: number };
    expect({
      own: Object.keys(joined),
      polluted: joined.polluted,
      ofAll: ({} as { polluted?: number }).polluted,
    }).toEqual({
      own: ['__proto__'],
      polluted: undefined,
      ofAll: undefined,
    });
  });
});
