import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent, ResponseMetadata } from 'scriptorium';
import { errorFromEnvelope } from '../../plugins/openrouter/classify.js';
import { ChatReader } from '../../src/chat/chat-reader.js';

const USAGE = {
  prompt_tokens: 43,
  completion_tokens: 51,
  total_tokens: 94,
  cost: 0.000894,
  prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 47 },
};
const READ_USAGE = {
  inputTokens: 43,
  outputTokens: 51,
  cachedInputTokens: 3,
  cacheWriteTokens: 4,
  reasoningTokens: 47,
  costUsd: 0.000894,
  source: 'reported',
};

const chunk = (delta: unknown, more: object = {}) => ({
  id: 'gen-1',
  model: 'a/model',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
});
const text = (content: unknown) => chunk({ role: 'assistant', content });
const finish = (finish_reason: string, more: object = {}) => ({
  id: 'gen-1',
  choices: [{ index: 0, delta: { content: '' }, finish_reason }],
  ...more,
});
const tool = (...fragments: readonly unknown[]) => chunk({ content: null, tool_calls: fragments });

interface Read {
  readonly events: readonly GenerationEvent[];
  /** What `read` said of each chunk. */
  readonly content: readonly boolean[];
  readonly failure?: GenerationError;
}

/** Reads chunks one after the other, and the end. */
function read(chunks: readonly unknown[], headers: Record<string, string> = {}): Read {
  const given = new Headers(headers);
  const reader = new ChatReader({
    provider: 'openrouter',
    model: 'asked/model',
    mayBeEmpty: false,
    attempt: 2,
    responseId: given.get('x-generation-id') ?? undefined,
    failure: (error, type) => errorFromEnvelope(error, { headers: given, now: () => 0, type, remedies: {} }),
  });
  const events: GenerationEvent[] = [];
  const content: boolean[] = [];
  const emit = (event: GenerationEvent): void => void events.push(event);
  try {
    for (const part of chunks) content.push(reader.read(JSON.parse(JSON.stringify(part)), emit));
    events.push(reader.end(emit));
    return { events, content };
  } catch (error) {
    if (!GenerationError.is(error)) throw error;
    return { events, content, failure: error };
  }
}

const textsOf = ({ events }: Read): readonly string[] =>
  events.flatMap((event) => (event.type === 'text-delta' ? [event.delta] : []));
const toolsOf = ({ events }: Read) => events.filter((event) => event.type === 'tool-call');
const endOf = ({ events, failure }: Read) => {
  expect(failure).toBeUndefined();
  const end = events.at(-1);
  if (end?.type !== 'generation-end') throw new Error('Expected an end');
  return end;
};

describe('the usage of an answer', () => {
  it.each([
    ['in a chunk with an empty delta', [finish('stop'), chunk({ role: 'assistant', content: '' }, { usage: USAGE })]],
    ['in a chunk with empty choices', [finish('stop'), { id: 'gen-1', choices: [], usage: USAGE }]],
    [
      'in a chunk that repeats the finish reason',
      [finish('stop'), finish('stop', { usage: USAGE, service_tier: 'default' })],
    ],
    ['in the chunk of the finish reason', [finish('stop', { usage: USAGE })]],
    ['before the finish reason', [{ choices: [], usage: USAGE }, finish('stop')]],
  ])('is found %s', (_, chunks) => {
    expect(endOf(read([text('One.'), ...chunks])).usage).toEqual(READ_USAGE);
  });

  it('is announced as soon as it is known', () => {
    const { events } = read([text('One.'), { choices: [], usage: USAGE }, finish('stop')]);
    expect(events.filter(({ type }) => type === 'response-metadata')).toEqual([
      { type: 'response-metadata', responseId: 'gen-1' },
      { type: 'response-metadata', responseId: 'gen-1', usage: READ_USAGE },
    ]);
  });

  it('comes with the model that answers, if another one may', () => {
    const answeredBy = (named: string, namesModel: boolean): unknown => {
      const reader = new ChatReader({
        provider: 'a',
        model: 'v/m',
        attempt: 1,
        mayBeEmpty: false,
        namesModel,
        failure: () => new GenerationError('internal', 'none'),
      });
      const events: GenerationEvent[] = [];
      const emit = (event: GenerationEvent): void => void events.push(event);
      for (const content of ['', 'One.', 'Two.'])
        reader.read({ ...text(content), model: content === '' ? undefined : named }, emit);
      return events.flatMap((event) =>
        event.type === 'text-delta' ? [event.delta] : [(event as ResponseMetadata).answeredBy],
      );
    };
    expect({
      other: answeredBy('v/n', true),
      same: answeredBy('v/m:free', true),
      notAsked: answeredBy('v/n', false),
    }).toEqual({
      other: [undefined, 'v/n', 'One.', 'Two.'],
      same: [undefined, undefined, 'One.', 'Two.'],
      notAsked: [undefined, 'One.', 'Two.'],
    });
  });

  it('is read before an error in the same chunk', () => {
    const { events, failure } = read([
      text('One.'),
      { choices: [], error: { code: 502, message: 'broke' }, usage: USAGE },
    ]);
    expect(failure).toMatchObject({ code: 'server-error' });
    expect(events.at(-1)).toEqual({ type: 'response-metadata', responseId: 'gen-1', usage: READ_USAGE });
  });

  it('is the last one if it comes twice', () => {
    expect(
      endOf(
        read([
          text('One.'),
          { choices: [], usage: { ...USAGE, completion_tokens: 1 } },
          finish('stop', { usage: USAGE }),
        ]),
      ).usage,
    ).toEqual(READ_USAGE);
  });

  it('is unmeasured without one', () => {
    expect(endOf(read([text('One.'), finish('stop', { usage: null })])).usage).toEqual({
      inputTokens: 0,
      outputTokens: 0,
      source: 'unmeasured',
    });
  });

  it('may lack details and have its numbers as text', () => {
    expect(
      endOf(read([text('One.'), finish('stop', { usage: { prompt_tokens: '7', completion_tokens: 5, cost: null } })]))
        .usage,
    ).toEqual({ inputTokens: 7, outputTokens: 5, source: 'reported' });
  });
});

describe('the end of an answer', () => {
  it("reports the vendor's model and id, and the vendor's own finish reason", () => {
    const end = endOf(
      read([
        text('One.'),
        {
          id: 'gen-1',
          model: 'dated/model-2026',
          choices: [{ delta: {}, finish_reason: 'stop', native_finish_reason: 'end_turn' }],
        },
      ]),
    );
    expect(end).toMatchObject({
      model: 'dated/model-2026',
      provider: 'openrouter',
      responseId: 'gen-1',
      servedFrom: 'provider',
      finishReason: { unified: 'stop', raw: 'end_turn' },
    });
  });

  it("has the id from the response's headers if there is one", () => {
    expect(endOf(read([text('One.'), finish('stop')], { 'x-generation-id': 'gen-head' })).responseId).toBe('gen-head');
  });

  it('is reported once, though the finish reason comes twice', () => {
    const { events } = read([text('One.'), finish('stop'), finish('stop')]);
    expect(events.filter(({ type }) => type === 'generation-end')).toHaveLength(1);
  });

  it('is a failure without a finish reason: cut short after content, empty without', () => {
    expect(read([text('One.')]).failure).toMatchObject({ code: 'truncated', retryable: true });
    expect(read([chunk({ reasoning: 'Hm.' })]).failure).toMatchObject({ code: 'truncated', retryable: true });
    expect(read([tool({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } })]).failure).toMatchObject({
      code: 'truncated',
      retryable: true,
    });
    expect(read([]).failure).toMatchObject({ code: 'empty-answer', retryable: true });
    expect(read([text('')]).failure).toMatchObject({ code: 'empty-answer', retryable: true });
  });

  it('is a failure if the answer is empty, also at the token cap', () => {
    expect(read([finish('stop', { usage: { prompt_tokens: 0, completion_tokens: 0 } })]).failure).toMatchObject({
      code: 'empty-answer',
      retryable: true,
    });
    expect(read([finish('content_filter')]).failure).toMatchObject({ code: 'content-filter', retryable: false });
    expect(read([chunk({ reasoning: 'Hm.' }), finish('length')]).failure).toMatchObject({
      code: 'empty-answer',
      retryable: false,
      message: expect.stringContaining('Raise maxTokens') as unknown,
    });
  });
});

describe('an error in an answer', () => {
  const TOKEN_CAP = chunk({ content: '' }, { error: { code: 400, message: 'Token limit reached' }, usage: USAGE });

  it.each([
    ['at the top', { error: { code: 503, message: 'busy' } }],
    [
      'in the choice',
      {
        choices: [
          {
            error: { code: 503, message: 'busy', metadata: { provider_name: 'X', raw: { retryable: true } } },
            finish_reason: 'error',
          },
        ],
      },
    ],
    [
      'at the top with finish_reason "error"',
      { error: { code: 503, message: 'busy' }, choices: [{ delta: { content: '' }, finish_reason: 'error' }] },
    ],
  ])('is found %s', (_, json) => {
    expect(read([text('One.'), json]).failure).toMatchObject({ code: 'overloaded', status: 503 });
  });

  it('may be only the finish reason', () => {
    expect(read([text('One.'), finish('error')]).failure).toMatchObject({ code: 'server-error', status: 502 });
  });

  it('is ignored after the finish reason "length"', () => {
    const { events } = read([text('One'), finish('length'), finish('length'), TOKEN_CAP]);
    expect(events.at(-1)).toMatchObject({
      type: 'generation-end',
      finishReason: { unified: 'length' },
      usage: READ_USAGE,
    });
  });

  it('counts before the finish reason "length"', () => {
    expect(read([text('One'), TOKEN_CAP]).failure).toMatchObject({ code: 'bad-request' });
  });

  it('is thrown after the text of its chunk', () => {
    const course = read([
      { error: { code: 502, message: 'broke' }, choices: [{ delta: { content: 'One' }, finish_reason: 'error' }] },
    ]);
    expect(textsOf(course)).toEqual(['One']);
    expect(course.failure).toMatchObject({ code: 'server-error' });
  });
});

describe('tool calls', () => {
  const call = { type: 'tool-call', index: 0, id: 'toolu_1', name: 'weather', arguments: '{"city": "Berlin"}' };

  it('are joined from their fragments and emitted once, at the end, though the finish reason comes twice', () => {
    const course = read([
      tool({ index: 0, id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      tool({ index: 0, function: { arguments: '' } }),
      tool({ index: 0, function: { arguments: '{"city": "Berlin' } }),
      tool({ index: 0, function: { arguments: '"}' } }),
      finish('tool_calls'),
      finish('tool_calls', { usage: USAGE }),
    ]);
    expect(toolsOf(course)).toEqual([call]);
    expect(course.events.slice(-2)).toMatchObject([
      call,
      { type: 'generation-end', finishReason: { unified: 'tool-calls' } },
    ]);
  });

  it('are separated by their index and emitted in its order, whatever the order of arrival', () => {
    const course = read([
      tool(
        { index: 2, id: 'c', function: { name: 'h', arguments: '3' } },
        { index: 0, id: 'a', function: { name: 'f', arguments: '1' } },
      ),
      tool({ index: 1, id: 'b', function: { name: 'g', arguments: '2' } }),
      tool({ index: 0, function: { arguments: '1' } }),
      finish('tool_calls'),
    ]);
    expect(toolsOf(course)).toEqual([
      { type: 'tool-call', index: 0, id: 'a', name: 'f', arguments: '11' },
      { type: 'tool-call', index: 1, id: 'b', name: 'g', arguments: '2' },
      { type: 'tool-call', index: 2, id: 'c', name: 'h', arguments: '3' },
    ]);
  });

  it('without an index use their place in the list', () => {
    expect(
      toolsOf(
        read([
          tool(
            { id: 'a', function: { name: 'f', arguments: '{}' } },
            { id: 'b', function: { name: 'g', arguments: '{}' } },
          ),
          finish('tool_calls'),
        ]),
      ).map(({ index, id }) => [index, id]),
    ).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  it.each([[1e9], [128], [-1], [0.5], ['__proto__'], ['constructor'], ['0'], [Number.MAX_SAFE_INTEGER], [{}]])(
    'with the index %j are kept, and change no prototype',
    (index) => {
      const course = read([
        text('One.'),
        tool({ index, id: 'x', function: { name: 'f', arguments: '{}' } }),
        finish('stop'),
      ]);
      expect(toolsOf(course)).toEqual([{ type: 'tool-call', index: 0, id: 'x', name: 'f', arguments: '{}' }]);
      expect(endOf(course).finishReason).toEqual({ unified: 'tool-calls', raw: 'stop' });
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(({} as Record<string, unknown>).id).toBeUndefined();
    },
  );

  it.each([
    ['null', null],
    ['empty', {}],
  ])('that are %s are none', (_, fragment) => {
    const course = read([text('One.'), tool(fragment), finish('stop')]);
    expect([toolsOf(course), endOf(course).finishReason.unified]).toEqual([[], 'stop']);
  });

  it('that are a text are malformed', () => {
    expect(read([text('One.'), tool('x'), finish('stop')]).failure).toMatchObject({ code: 'malformed-answer' });
  });

  const both = (...fragments: object[]) =>
    toolsOf(read([...fragments.map((each) => tool(each)), finish('tool_calls')]));
  const aCall = (id: string, args: unknown) => ({ id, function: { name: 'search', arguments: args } });
  const TWO = [
    { type: 'tool-call', index: 0, id: 'a', name: 'search', arguments: '{"q":1}' },
    { type: 'tool-call', index: 1, id: 'b', name: 'search', arguments: '{"q":2}' },
  ];

  it('are told apart by their ids where vendors give no index, the same one, or a text', () => {
    const [a, b] = [aCall('a', '{"q":1}'), aCall('b', '{"q":2}')];
    expect(both(a, b)).toEqual(TWO);
    expect(both({ ...a, index: 0 }, { ...b, index: 0 })).toEqual(TWO);
    expect(both({ ...a, index: '0' }, { ...b, index: '1' })).toEqual(TWO);
  });

  it('take fragments without id or index to the last call, and those of one id together', () => {
    const rest = (args: string) => ({ function: { arguments: args } });
    expect(both(aCall('a', '{"q"'), rest(':1}'), aCall('b', '{"q"'), rest(':2}'))).toEqual(TWO);
    const inPieces = [aCall('a', '{"q"'), aCall('b', '{"q"'), aCall('b', ':2}'), aCall('a', ':1}')];
    expect(both(...inPieces.map((each) => ({ ...each, index: 0 })))).toEqual(TWO);
  });

  it('without ids get one by their place, and a name after whole arguments begins another', () => {
    const unnamed = (args: string) => ({ index: 0, function: { name: 'search', arguments: args } });
    expect(both(unnamed('{"q":1}'), unnamed('{"q":2}'))).toEqual([
      { ...TWO[0], id: 'call_1' },
      { ...TWO[1], id: 'call_2' },
    ]);
  });

  it('may have arguments that are an object, or none', () => {
    expect(both(aCall('a', { q: 1 }), aCall('b', undefined))).toEqual([TWO[0], { ...TWO[1], arguments: '{}' }]);
  });

  it('may be a single function call, as they were once', () => {
    const chunks = [{ name: 'search', arguments: '{"q"' }, { arguments: ':1}' }];
    const course = read([...chunks.map((each) => chunk({ function_call: each })), finish('function_call')]);
    expect(toolsOf(course)).toEqual([{ ...TWO[0], id: 'call_1' }]);
  });

  it('that are promised and do not come make an answer malformed', () => {
    expect(read([text('One.'), finish('tool_calls')]).failure).toMatchObject({
      code: 'malformed-answer',
      message: 'The answer ended with "tool_calls", but it has no tool call.',
      retryLimit: 1,
    });
  });

  it('are at most 128', () => {
    const many = Array.from({ length: 129 }, (_, index) => aCall(`c${index}`, '{}'));
    expect(both(...many.slice(1))).toHaveLength(128);
    expect(read([...many.map((each) => tool(each)), finish('tool_calls')]).failure?.code).toBe('malformed-answer');
  });

  it('keep their arguments as the model wrote them', () => {
    expect(
      toolsOf(
        read([tool({ index: 0, id: 'a', function: { name: 'f', arguments: '{"broken": ' } }), finish('tool_calls')]),
      ),
    ).toMatchObject([{ arguments: '{"broken": ' }]);
  });
});

describe('reasoning', () => {
  it('is emitted with the number of its attempt, under both of its names', () => {
    const { events } = read([
      chunk({ reasoning: 'Hm. ', content: '' }),
      chunk({ reasoning_content: 'So.' }),
      text('One.'),
      finish('stop'),
    ]);
    expect(events.filter(({ type }) => type === 'reasoning-delta')).toEqual([
      { type: 'reasoning-delta', delta: 'Hm. ', attempt: 2 },
      { type: 'reasoning-delta', delta: 'So.', attempt: 2 },
    ]);
  });

  it('is not emitted twice if both names carry it', () => {
    expect(
      read([chunk({ reasoning: 'Hm.', reasoning_content: 'Hm.' }), text('One.'), finish('stop')]).events.filter(
        ({ type }) => type === 'reasoning-delta',
      ),
    ).toHaveLength(1);
  });
});

describe('text', () => {
  it('comes as the vendor cut it, never empty', () => {
    expect(textsOf(read([text('Once '), text(''), text(null), text('upon'), finish('stop')]))).toEqual([
      'Once ',
      'upon',
    ]);
  });

  it('may be a list of parts', () => {
    expect(
      textsOf(
        read([
          text([{ type: 'text', text: 'Once ' }, { type: 'image' }, { type: 'text', text: 'upon' }]),
          finish('stop'),
        ]),
      ),
    ).toEqual(['Once upon']);
  });

  it('of an answer without streaming is one piece', () => {
    expect(
      textsOf(
        read([
          { choices: [{ index: 0, message: { role: 'assistant', content: 'All at once.' }, finish_reason: 'stop' }] },
        ]),
      ),
    ).toEqual(['All at once.']);
  });

  it('holds back half a character until it is complete', () => {
    const [high, low] = ['🌊'[0]!, '🌊'[1]!];
    expect(textsOf(read([text(`a${high}`), text(`${low}b${high}`), text(low), finish('stop')]))).toEqual([
      'a',
      '🌊b',
      '🌊',
    ]);
    expect(textsOf(read([text(high), text(low), finish('stop')]))).toEqual(['🌊']);
  });

  it('replaces half a character that is never completed by U+FFFD', () => {
    const [high, low] = ['🌊'[0]!, '🌊'[1]!];
    expect(textsOf(read([text(`a${high}`), text('b'), finish('stop')])).join('')).toBe('a\uFFFDb');
    expect(textsOf(read([text(`a${low}b`), finish('stop')])).join('')).toBe('a\uFFFDb');
    expect(textsOf(read([text(`a${high}`), finish('stop')])).join('')).toBe('a\uFFFD');
  });
});

describe('the content of a chunk', () => {
  it('is text, reasoning and tool fragments, and nothing else', () => {
    const { content } = read([
      text('One.'),
      chunk({ reasoning: 'Hm.' }),
      tool({ index: 0, function: { arguments: '' } }),
      text(''),
      chunk({}),
      { choices: [] },
      { choices: [], usage: USAGE },
      finish('stop'),
    ]);
    expect(content).toEqual([true, true, true, false, false, false, false, false]);
  });
});

describe('a chunk of a wrong shape', () => {
  it.each([
    [null],
    [42],
    ['text'],
    [true],
    [[]],
    [{ choices: {} }],
    [{ choices: 'x' }],
    [{ choices: ['x'] }],
    [{ choices: [{ delta: { content: 42 } }] }],
    [{ choices: [{ delta: { content: { type: 'document' } } }] }],
  ])('%j is malformed, tried again once, and not repeated', (json) => {
    expect(read([text('One.'), json]).failure).toMatchObject({
      code: 'malformed-answer',
      retryable: true,
      retryLimit: 1,
    });
  });

  it.each([
    [{}],
    [{ choices: null }],
    [{ choices: [] }],
    [{ choices: [null] }],
    [{ choices: [{}] }],
    [{ choices: [{ delta: null }] }],
    [{ choices: [{ delta: [] }] }],
    [{ type: 'ping' }],
  ])('%j is ignored', (json) => {
    expect(textsOf(read([text('One.'), json, finish('stop')]))).toEqual(['One.']);
  });
});
