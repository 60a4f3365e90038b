import { describe, expect, it } from '@jest/globals';
import type { Part, Reasoning } from 'scriptorium/plugin';
import { prefillOf } from '../../../plugins/anthropic/prefill.js';
import { ENDPOINT, encoded, refusalOf, request } from './parts.js';

const ALL = { temperature: 0.7, topP: 0.9, topK: 40 };
const PDF = 'data:application/pdf;base64,JVBERi0=';

describe('the head of a request', () => {
  it.each(['https://api.anthropic.com', 'https://api.anthropic.com/', 'https://api.anthropic.com//'])(
    'goes to the messages of %s',
    (baseUrl) => {
      expect(encoded({}, { baseUrl }).wire).toMatchObject({
        method: 'POST',
        url: 'https://api.anthropic.com/v1/messages',
      });
    },
  );

  it('holds the key, the version and the kind of body', () => {
    expect(encoded().wire.headers).toEqual({
      'x-api-key': 'sk-ant-test',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    });
  });

  it('asks for features by their names', () => {
    expect(encoded({}, { beta: ['one-2026-01-01', 'two-2026-01-01'] }).wire.headers['anthropic-beta']).toBe(
      'one-2026-01-01,two-2026-01-01',
    );
  });

  it("takes the request's own headers, which win whatever their case", () => {
    expect(encoded({ headers: { 'Anthropic-Version': '2024-01-01', 'X-Book': 'ada' } }).wire.headers).toMatchObject({
      'anthropic-version': '2024-01-01',
      'x-book': 'ada',
      'x-api-key': 'sk-ant-test',
    });
  });
});

describe('the body of a request', () => {
  it('holds no more than what is set, and the token cap that the API wants', () => {
    expect(encoded().body).toEqual({
      model: 'claude-3-haiku-20240307',
      max_tokens: 4096,
      messages: [{ role: 'user', content: 'Begin.' }],
      stream: true,
    });
  });

  it.each([
    ['maxTokens', 8192, 'max_tokens'],
    ['temperature', 0.7, 'temperature'],
    ['temperature', 0, 'temperature'],
    ['topP', 0.9, 'top_p'],
    ['topK', 40, 'top_k'],
    ['stop', ['END'], 'stop_sequences'],
  ])('sends %s as %j under the name %s', (field, value, name) => {
    expect(encoded({ [field]: value }).body).toEqual({ ...encoded().body, [name]: value });
  });

  it("asks for a stream or for a whole answer, as the request's wire says", () => {
    expect([encoded({ wire: 'sse' }).body.stream, encoded({ wire: 'json' }).body.stream]).toEqual([true, false]);
  });

  it("passes the provider's own options on as they are, above ours, but never the wire", () => {
    const anthropic = {
      service_tier: 'standard_only',
      temperature: 0.1,
      stream: false,
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    } as const;
    expect(
      encoded({ temperature: 1, toolChoice: 'required', providerOptions: { anthropic, other: { x: 1 } } }).body,
    ).toEqual({ ...encoded().body, ...anthropic, stream: true });
  });

  it('takes the options of its own instance', () => {
    expect(
      encoded({ providerOptions: { second: { container: 'c' }, anthropic: { container: 'a' } } }, { id: 'second' }).body
        .container,
    ).toBe('c');
  });
});

describe('the system', () => {
  it('stands apart from the messages', () => {
    expect(
      encoded({
        messages: [
          { role: 'system', content: 'You write.' },
          { role: 'user', content: 'Begin.' },
        ],
      }).body,
    ).toMatchObject({ system: 'You write.', messages: [{ role: 'user', content: 'Begin.' }] });
  });

  it('is a list of blocks where there are several of them, or marks of the cache', () => {
    const { body } = encoded({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'The style.', cache: true }] },
        { role: 'user', content: 'Begin.' },
        { role: 'system', content: 'Be brief.' },
      ],
    });
    expect(body.system).toEqual([
      { type: 'text', text: 'The style.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Be brief.' },
    ]);
    expect(body.messages).toEqual([{ role: 'user', content: 'Begin.' }]);
  });

  it('takes no pictures', () => {
    expect(
      refusalOf({ messages: [{ role: 'system', content: [{ type: 'image', url: 'https://x.example/a.png' }] }] }),
    ).toMatchObject({
      code: 'bad-request',
      message: 'A system message holds a part that is no text (image); Anthropic takes none there.',
    });
  });
});

describe('the parts of a message', () => {
  const contentOf = (...content: readonly Part[]) =>
    (encoded({ messages: [{ role: 'user', content }] }).body.messages as readonly { readonly content: unknown }[])[0]
      ?.content;

  it.each<[string, Part, object]>([
    ['a text', { type: 'text', text: 'See' }, { type: 'text', text: 'See' }],
    [
      'a text up to which may be cached',
      { type: 'text', text: 'See', cache: true },
      { type: 'text', text: 'See', cache_control: { type: 'ephemeral' } },
    ],
    [
      'a picture by its address',
      { type: 'image', url: 'https://x.example/a.png', detail: 'high' },
      { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' } },
    ],
    [
      'a picture in the request',
      { type: 'image', url: 'data:image/png;base64,iVBORw0=' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
    ],
    [
      'a document by its address',
      { type: 'file', url: 'https://x.example/a.pdf' },
      { type: 'document', source: { type: 'url', url: 'https://x.example/a.pdf' } },
    ],
    [
      'a document in the request, with its name',
      { type: 'file', url: PDF, filename: 'a.pdf' },
      { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
    ],
    [
      'plain text',
      { type: 'file', url: 'data:text/plain;charset=utf-8,caf%C3%A9' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'café' } },
    ],
    [
      'plain text in base64',
      { type: 'file', url: 'data:text/markdown;base64,IyBB' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '# A' } },
    ],
  ])('may be %s', (_what, part, block) => {
    expect(contentOf(part)).toEqual([block]);
  });

  it('are no blank texts, which the API refuses', () => {
    expect(contentOf({ type: 'text', text: '' }, { type: 'text', text: 'See' })).toEqual([
      { type: 'text', text: 'See' },
    ]);
  });

  it('are no parts of other vendors', () => {
    const video = { type: 'other', raw: { type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } } } as const;
    expect(refusalOf({ messages: [{ role: 'user', content: [video] }] })).toMatchObject({
      code: 'bad-request',
      retryable: false,
      message: expect.stringContaining('"video_url"'),
    });
  });

  it('are no sound', () => {
    expect(
      refusalOf({ messages: [{ role: 'user', content: [{ type: 'audio', data: 'AA==', format: 'mp3' }] }] }),
    ).toMatchObject({ code: 'bad-request', retryable: false });
  });
});

describe('tools', () => {
  it('are described by their schema, an object where nothing is said', () => {
    const parameters = { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] };
    expect(
      encoded({ tools: [{ name: 'find', description: 'Finds.', parameters, strict: true }, { name: 'now' }] }).body
        .tools,
    ).toEqual([
      { name: 'find', description: 'Finds.', input_schema: parameters, strict: true },
      { name: 'now', input_schema: { type: 'object' } },
    ]);
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ name: 'find' }, { type: 'tool', name: 'find' }],
  ] as const)('are chosen as %j says', (toolChoice, choice) => {
    expect(encoded({ toolChoice }).body.tool_choice).toEqual(choice);
  });

  it('come back as calls after the thoughts they came from, and as results in one turn', () => {
    const thoughts = [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xyz' },
    ];
    const { body } = encoded({
      messages: [
        { role: 'user', content: 'What is the weather?' },
        {
          role: 'assistant',
          content: 'I look.',
          reasoningDetails: [...thoughts, { type: 'reasoning.text', text: 'of another vendor' }],
          toolCalls: [
            { id: 't1', name: 'weather', arguments: '{"in":"Oslo"}' },
            { id: 't2', name: 'now', arguments: '' },
          ],
        },
        { role: 'tool', toolCallId: 't1', content: 'Rain.' },
        { role: 'tool', toolCallId: 't2', content: [{ type: 'text', text: 'Noon.' }] },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: 'What is the weather?' },
      {
        role: 'assistant',
        content: [
          ...thoughts,
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 't1', name: 'weather', input: { in: 'Oslo' } },
          { type: 'tool_use', id: 't2', name: 'now', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1', content: 'Rain.' },
          { type: 'tool_result', tool_use_id: 't2', content: [{ type: 'text', text: 'Noon.' }] },
        ],
      },
      { role: 'user', content: 'And?' },
    ]);
  });

  it.each(['{"in":', '[1]', 'Oslo'])('are refused where a call that was made has %j for arguments', (given) => {
    const failure = refusalOf({
      messages: [{ role: 'assistant', content: '', toolCalls: [{ id: 't1', name: 'weather', arguments: given }] }],
    });
    expect(failure).toMatchObject({
      code: 'bad-request',
      message: 'The arguments of the tool call "weather" (t1) are no JSON object; Anthropic takes nothing else.',
    });
  });
});

describe('the format of the answer', () => {
  it('is a schema', () => {
    const schema = { type: 'object', properties: {} };
    expect(
      encoded({ responseFormat: { type: 'json-schema', name: 'plan', schema, strict: true } }).body.output_config,
    ).toEqual({ format: { type: 'json_schema', schema } });
  });

  it('is left to the prompt where it is any JSON, which the API does not offer, and that is told', () => {
    const { body, told } = encoded({ responseFormat: { type: 'json' } });
    expect([body.output_config, told]).toEqual([
      undefined,
      [expect.stringContaining('left out responseFormat "json"')],
    ]);
  });

  it('is left out where it is text', () => {
    expect(encoded({ responseFormat: { type: 'text' } }).body).toEqual(encoded().body);
  });
});

describe('thinking', () => {
  const thinkingOf = (model: string, reasoning: Reasoning, maxTokens = 10_000) => {
    const { body, told } = encoded({ model, reasoning, maxTokens });
    return {
      thinking: body.thinking,
      effort: (body.output_config as { readonly effort?: string } | undefined)?.effort,
      told,
    };
  };

  it.each([
    ['minimal', 1024],
    ['low', 2000],
    ['medium', 5000],
    ['high', 8000],
    ['xhigh', 9000],
    ['max', 9500],
    [undefined, 5000],
  ] as const)('of the effort %s is a budget of %d in 10,000 tokens for models up to 4.5', (effort, budget) => {
    expect(thinkingOf('claude-sonnet-4-5-20250929', effort === undefined ? {} : { effort })).toEqual({
      thinking: { type: 'enabled', budget_tokens: budget },
      effort: undefined,
      told: [],
    });
  });

  it.each([
    ['claude-opus-4-6', 'minimal', 'low'],
    ['claude-opus-4-6', 'xhigh', 'high'],
    ['claude-opus-4-7', 'xhigh', 'xhigh'],
    ['claude-sonnet-5', 'max', 'max'],
    ['claude-mythos-preview', 'medium', 'medium'],
  ] as const)('of %s is its own, with the effort %s as %s', (model, effort, told) => {
    expect(thinkingOf(model, { effort })).toEqual({
      thinking: { type: 'adaptive', display: 'summarized' },
      effort: told,
      told: [],
    });
  });

  it('keeps a budget that is named, where the model takes one', () => {
    expect(thinkingOf('claude-opus-4-6', { maxTokens: 3000 }).thinking).toEqual({
      type: 'enabled',
      budget_tokens: 3000,
    });
    expect(thinkingOf('claude-opus-5', { maxTokens: 3000 })).toEqual({
      thinking: { type: 'adaptive', display: 'summarized' },
      effort: undefined,
      told: ["Anthropic's claude-opus-5: left out reasoning.maxTokens (the model takes an effort and no budget)."],
    });
  });

  it('may be kept out of the answer, or be off', () => {
    expect(thinkingOf('claude-opus-5', { exclude: true }).thinking).toEqual({ type: 'adaptive', display: 'omitted' });
    expect(thinkingOf('claude-haiku-4-5', { exclude: true }).thinking).toEqual({
      type: 'enabled',
      budget_tokens: 5000,
      display: 'omitted',
    });
    expect(thinkingOf('claude-opus-4-8', { effort: 'none' }).thinking).toEqual({ type: 'disabled' });
  });

  it('stands beside a format', () => {
    expect(
      encoded({
        model: 'claude-opus-5',
        reasoning: { effort: 'low' },
        responseFormat: { type: 'json-schema', name: 'p', schema: {} },
      }).body.output_config,
    ).toEqual({ effort: 'low', format: { type: 'json_schema', schema: {} } });
  });

  it('is refused where the token cap has no room for it', () => {
    expect(refusalOf({ model: 'claude-haiku-4-5', reasoning: {}, maxTokens: 1024 })).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('maxTokens is 1024'),
    });
  });

  it("is the vendor's own option where that is given", () => {
    expect(
      encoded({
        model: 'claude-haiku-4-5',
        reasoning: {},
        maxTokens: 10,
        providerOptions: { anthropic: { thinking: { type: 'disabled' } } },
      }).body.thinking,
    ).toEqual({ type: 'disabled' });
  });
});

describe('sampling', () => {
  const samplingOf = (model: string, parts: Parameters<typeof encoded>[0] = ALL) => {
    const {
      body: { temperature, top_p: topP, top_k: topK },
      told,
    } = encoded({ model, maxTokens: 8000, ...parts });
    return {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
      ...(topK !== undefined && { topK }),
      told: told.map((sentence) => sentence.replace(/^.*: left out (\w+).*$/, '$1')),
    };
  };

  it.each([
    ['claude-3-5-sonnet-20241022', { temperature: 0.7, topP: 0.9, topK: 40, told: [] }],
    ['claude-opus-4-1-20250805', { temperature: 0.7, topK: 40, told: ['topP'] }],
    ['claude-sonnet-4-6', { temperature: 0.7, topK: 40, told: ['topP'] }],
    ['claude-opus-4-7', { told: ['temperature', 'topP', 'topK'] }],
    ['claude-sonnet-5', { told: ['temperature', 'topP', 'topK'] }],
    ['claude-mythos-preview', { told: ['temperature', 'topP', 'topK'] }],
    ['deepseek-chat', { temperature: 0.7, topP: 0.9, topK: 40, told: [] }],
  ])('is for %s what it takes, and the rest is told', (model, expected) => {
    expect(samplingOf(model)).toEqual(expected);
  });

  it('is left out silently where it is what the model does anyway', () => {
    expect(samplingOf('claude-opus-5', { temperature: 1, topP: 1 })).toEqual({ told: [] });
  });

  it('keeps a top-p that stands alone', () => {
    expect(samplingOf('claude-sonnet-4-5', { topP: 0.9 })).toEqual({ topP: 0.9, told: [] });
  });

  it("is the model's own while it thinks", () => {
    expect(samplingOf('claude-sonnet-4-5', { ...ALL, reasoning: { effort: 'low' } })).toEqual({
      told: ['temperature', 'topK', 'topP'],
    });
    expect(samplingOf('claude-sonnet-4-5', { reasoning: { effort: 'low' }, temperature: 1, topP: 0.96 })).toEqual({
      topP: 0.96,
      told: [],
    });
    expect(
      samplingOf('claude-3-7-sonnet-20250219', {
        ...ALL,
        providerOptions: { anthropic: { thinking: { type: 'enabled', budget_tokens: 2000 } } },
      }).told,
    ).toEqual(['temperature', 'topK', 'topP']);
  });

  it('is refused for a temperature that no model takes', () => {
    expect(refusalOf({ temperature: 1.2 })).toMatchObject({
      code: 'bad-request',
      retryable: false,
      neverSent: true,
      message: 'temperature is 1.2, but Anthropic takes 0 to 1.',
    });
  });

  it('has no fields for what other vendors know, and says so', () => {
    const { body, told } = encoded({ seed: 1, frequencyPenalty: 0.5, minP: 0 });
    expect(body).toEqual(encoded().body);
    expect(told).toEqual(
      ['minP', 'frequencyPenalty', 'seed'].map(
        (field) => `Anthropic's claude-3-haiku-20240307: left out ${field} (the Messages API has no such field).`,
      ),
    );
  });
});

describe('going on from a text', () => {
  const continuation = {
    text: 'Once upon ',
    anchor: 'a time',
    instruction: 'Go on.',
    reason: 'interrupted',
    byInstruction: false,
  } as const;
  const messagesOf = (model: string) => encoded({ model, continuation }).body.messages;

  it('is a prefill for a model that knows one, and else an instruction', () => {
    expect(messagesOf('claude-sonnet-4-5-20250929')).toEqual([
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: 'Once upon a time' },
    ]);
    expect(messagesOf('claude-opus-4-6')).toEqual([
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: 'Once upon ' },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it.each([
    ['claude-2.1', 'exact'],
    ['claude-3-opus-20240229', 'exact'],
    ['claude-3-7-sonnet-latest', 'exact'],
    ['claude-sonnet-4-20250514', 'exact'],
    ['claude-opus-4-0', 'exact'],
    ['claude-opus-4-1-20250805', 'exact'],
    ['claude-sonnet-4-5', 'exact'],
    ['claude-haiku-4-5-20251001', 'exact'],
    ['claude-opus-4-5-20251101', 'exact'],
    ['claude-opus-4-6', 'instructed'],
    ['claude-sonnet-4-6', 'instructed'],
    ['claude-opus-4-7', 'instructed'],
    ['claude-sonnet-5', 'instructed'],
    ['claude-haiku-5-5', 'instructed'],
    ['kimi-k2', 'instructed'],
  ])('%s is %s', (model, prefill) => {
    expect(prefillOf(request({ model }), ENDPOINT)).toBe(prefill);
  });

  it("is as the user's table says, which comes first", () => {
    const prefill = { 'kimi-*': 'exact', 'claude-3*': 'none' } as const;
    expect([
      prefillOf(request({ model: 'kimi-k2' }), { ...ENDPOINT, prefill }),
      prefillOf(request(), { ...ENDPOINT, prefill }),
    ]).toEqual(['exact', 'none']);
  });

  it('is never a prefill for a model that thinks, and nothing for an answer with a format', () => {
    const schema = { type: 'object' };
    expect(prefillOf(request({ reasoning: { effort: 'low' } }), ENDPOINT)).toBe('instructed');
    expect(
      prefillOf(
        request({ providerOptions: { anthropic: { thinking: { type: 'enabled', budget_tokens: 2000 } } } }),
        ENDPOINT,
      ),
    ).toBe('instructed');
    expect(prefillOf(request({ reasoning: { effort: 'none' } }), ENDPOINT)).toBe('exact');
    expect(prefillOf(request({ responseFormat: { type: 'json-schema', name: 'p', schema } }), ENDPOINT)).toBe('none');
    expect(
      prefillOf(
        request({ providerOptions: { anthropic: { output_config: { format: { type: 'json_schema', schema } } } } }),
        ENDPOINT,
      ),
    ).toBe('none');
  });
});
