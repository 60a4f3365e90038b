import { describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import type { GenerationInput } from 'scriptorium';
import { MemorySink } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';
import { failureOf } from '../support/pipelines.js';
import { aStage } from '../pipeline/an-emulator.js';

/** Field, wrong value, and what the message must say. */
const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ['id', '', /^id is "", but must be 1 to 200 printable characters, not all of them spaces\.$/],
  ['id', '  ', /^id is " {2}", but must be 1 to 200 printable characters/],
  ['id', 'x'.repeat(201), /^id is "x+.*, but must be 1 to 200 printable characters/],
  ['id', 'chapter\n1', /^id is "chapter\\n1", but must be 1 to 200 printable characters/],
  ['id', 7, /^id is 7, but must be 1 to 200 printable characters/],
  ['continueFrom', 5, /^continueFrom is of type number, but must be a text\.$/],
  [
    'continueFrom',
    'Text \ud83d',
    /^continueFrom contains half a surrogate pair\. Cut the text between two characters\.$/,
  ],
  ['prompt', '', /^prompt is empty, but must be a text that is not empty\.$/],
  ['prompt', ' \n', /^prompt is empty, but must be a text that is not empty\.$/],
  ['prompt', 5, /^prompt is of type number, but must be a text/],
  ['prompt', null, /^prompt is null, but must be a text/],
  ['system', 5, /^system is of type number, but must be a text\.$/],
  ['model', '', /^model is "", but must be a text that is not empty\.$/],
  ['model', null, /^model is null, but must be/],
  ['model', 7, /^model is 7, but must be/],
  ['provider', ' ', /^provider is " ", but must be a text that is not empty\.$/],
  ['provider', 'opnrouter', /^No provider "opnrouter"; known: openrouter\. Did you mean "openrouter"\?$/],
  ['maxTokens', 0, /^maxTokens is 0, but must be a whole number of at least 1, or null\.$/],
  ['maxTokens', 1.5, /^maxTokens is 1\.5, but must be a whole number of at least 1, or null\.$/],
  ['maxTokens', '100', /^maxTokens is "100", but must be a whole number of at least 1, or null\.$/],
  ['maxTokens', NaN, /^maxTokens is NaN, but/],
  ['temperature', 2.1, /^temperature is 2\.1, but must be a number from 0 to 2, or null\.$/],
  ['temperature', -1, /^temperature is -1, but must be a number from 0 to 2, or null\.$/],
  ['topP', 1.01, /^topP is 1\.01, but must be a number from 0 to 1, or null\.$/],
  ['topK', -1, /^topK is -1, but must be a whole number of at least 0, or null\.$/],
  ['minP', 2, /^minP is 2, but must be a number from 0 to 1, or null\.$/],
  ['topA', '1', /^topA is "1", but must be a number from 0 to 1, or null\.$/],
  ['frequencyPenalty', 3, /^frequencyPenalty is 3, but must be a number from -2 to 2, or null\.$/],
  ['presencePenalty', -3, /^presencePenalty is -3, but must be a number from -2 to 2, or null\.$/],
  ['repetitionPenalty', 2.5, /^repetitionPenalty is 2\.5, but must be a number from 0 to 2, or null\.$/],
  ['seed', 0.5, /^seed is 0\.5, but must be a whole number/],
  ['stop', 'END', /^stop is "END", but must be a list of texts, or null\.$/],
  ['stop', [''], /^stop is \[ '' \], but must be a list of texts, or null\.$/],
  ['reasoning', 'high', /^reasoning is "high", but must be an object\.$/],
  [
    'reasoning',
    { effort: 'lots' },
    /^reasoning\.effort is "lots", but must be one of "none", "minimal", "low", "medium", "high", "xhigh", "max"\.$/,
  ],
  ['reasoning', { maxTokens: 0 }, /^reasoning\.maxTokens is 0, but must be a whole number of at least 1\.$/],
  ['reasoning', { exclude: 'true' }, /^reasoning\.exclude is "true", but must be true or false\.$/],
  ['reasoning', { efort: 'low' }, /^reasoning has no key "efort"\. Did you mean "effort"\?$/],
  ['reasoning', { effort: null }, /^reasoning\.effort is null, but must be/],
  ['tools', [], /^tools is \[\], but must be a non-empty list of \{ name/],
  ['tools', [{ name: 'a b' }], /^tools is .+, but must be a non-empty list/],
  ['tools', [{ name: 'look_up' }, { name: 'look_up' }], /with unique names of/],
  [
    'toolChoice',
    'maybe',
    /^toolChoice is "maybe", but must be "auto", "none", "required" or \{ name: the name of a tool \}\.$/,
  ],
  [
    'responseFormat',
    'json',
    /^responseFormat is "json", but must be \{ type: "text" \}, \{ type: "json" \} or \{ type: "json-schema", name, schema \}\.$/,
  ],
  ['responseFormat', { type: 'json-schema', name: 'x' }, /^responseFormat is .+, but must be/],
  [
    'providerOptions',
    { opnrouter: {} },
    /^providerOptions: No provider "opnrouter"; known: openrouter\. Did you mean "openrouter"\?$/,
  ],
  ['providerOptions', { openrouter: 'x' }, /^providerOptions\.openrouter must be an object\.$/],
  ['providerOptions', { openrouter: null }, /^providerOptions\.openrouter must be an object\.$/],
  ['providerOptions', 'x', /^providerOptions is of type string, but must be an object\.$/],
  ['wire', 'xml', /^wire is "xml", but must be one of "sse", "json"\.$/],
  ['headers', { 'x-a': 'b\r\nx-evil: 1' }, /^headers must be an object of header names and values/],
  ['headers', { 'x a': 'b' }, /^headers must be an object of header names and values/],
  ['headers', { 'x-a': 'ü' }, /^headers must be an object of header names and values/],
  ['headers', 'x-a: b', /^headers is of type string, but must be/],
  [
    'headers',
    { Authorization: 'Bearer other' },
    /^headers must not contain "authorization"\. Set the plugin's apiKey; for a second key add a second instance/,
  ],
  ...[
    'Host',
    'connection',
    'Transfer-Encoding',
    'content-length',
    'keep-alive',
    'TE',
    'trailer',
    'upgrade',
    'expect',
    'proxy-authorization',
    'Proxy-Connection',
  ].map((name): readonly [string, unknown, RegExp] => [
    'headers',
    { [name]: 'x' },
    new RegExp(`^headers must not contain "${name.toLowerCase()}"\\. The transport sets`),
  ]),
  ['labels', { chapter: 3 }, /^labels is \{ chapter: 3 \}, but must be an object whose values are strings\.$/],
  ['labels', ['ada'], /^labels is \[ 'ada' \], but must be/],
  ['labels', 'ada', /^labels is "ada", but must be/],
  ['overrides', 5, /^overrides is 5, but must be an object\.$/],
  ['overrides', { retri: {} }, /^overrides has no section "retri"\. Did you mean "retry"\?$/],
  ['overrides', { retry: 3 }, /^overrides\.retry is 3, but must be an object\.$/],
  [
    'overrides',
    { timeouts: { deadlineMs: 5 } },
    /^overrides\.timeouts has no key "deadlineMs"\. Set the deadlineMs of the request itself\.$/,
  ],
  ['overrides', { cache: { enabled: 'yes' } }, /^overrides\.cache\.enabled is "yes", but must be true or false\.$/],
  ['overrides', { cache: { maxEntries: 5 } }, /^overrides\.cache has no key "maxEntries"\./],
  ['overrides', { cache: true }, /^overrides\.cache is true, but must be an object\.$/],
  [
    'overrides',
    { budget: { generationTokens: -1 } },
    /^overrides\.budget\.generationTokens is -1, but must be a whole number of at least 0\.$/,
  ],
  [
    'overrides',
    { budget: { dayUsd: 1 } },
    /^overrides\.budget has no key "dayUsd"\. Its keys: generationUsd, generationTokens, labelUsd, labelTokens\.$/,
  ],
  ['overrides', { retry: { budget: {} } }, /^overrides\.retry has no key "budget"\./],
  [
    'overrides',
    { retry: { maxAtempts: 3 } },
    /^overrides\.retry has no key "maxAtempts"\. Did you mean "maxAttempts"\?$/,
  ],
  [
    'overrides',
    { retry: { maxAttempts: 0 } },
    /^overrides\.retry\.maxAttempts is 0, but must be a whole number of at least 1\.$/,
  ],
  [
    'overrides',
    { retry: { maxAttempts: '3' } },
    /^overrides\.retry\.maxAttempts is "3", but must be a whole number of at least 1\.$/,
  ],
  [
    'overrides',
    { timeouts: { idleMs: 2 ** 31 } },
    /^overrides\.timeouts\.idleMs is 2147483648, but must be milliseconds, from 0 to 2147483647\.$/,
  ],
  ['deadlineMs', 0, /^deadlineMs is 0, but must be a whole number from 1 to 2147483647\.$/],
  ['deadlineMs', 2 ** 31, /^deadlineMs is 2147483648, but must be/],
  ['deadlineMs', Infinity, /^deadlineMs is Infinity, but must be/],
  ['signal', {}, /^signal is \{\}, but must be an AbortSignal\.$/],
  ['context', new Map(), /^context is Map\(0\) \{\}, but must be a RequestContext\.$/],
  ['temprature', 1, /^A generation has no field "temprature"\. Did you mean "temperature"\?$/],
  ['__proto__', { a: 1 }, /^A generation has no field "__proto__"/],
  ['toString', 'x', /^A generation has no field "toString"/],
];

const withField = (field: string, value: unknown): GenerationInput =>
  Object.fromEntries(
    Object.entries({ prompt: 'Begin.' })
      .filter(([name]) => name !== field)
      .concat([[field, value as string]]),
  );

describe('an invalid input', () => {
  it('is rejected with its field, its value and the valid format, counted as failed, and never sent', async () => {
    const sink = new MemorySink();
    const { pipeline, emulator } = await aStage({ plugins: [aPlugin('memory', (host) => host.addStatSink(sink))] });
    for (const [field, value, message] of WRONG) {
      const error = await failureOf(pipeline.generate(withField(field, value)));
      expect({ field, code: error.code, message: error.message, retryable: error.retryable }).toEqual({
        field,
        code: 'invalid-input',
        message: expect.stringMatching(message) as unknown,
        retryable: false,
      });
    }
    expect(emulator.requests).toHaveLength(0);
    expect(pipeline.stats()).toMatchObject({
      requests: WRONG.length,
      failed: WRONG.length,
      successful: 0,
      cancelled: 0,
      tokens: { total: 0 },
      cost: { known: 0, estimated: 0 },
    });
    expect(
      sink.generations.every(
        ({ provider, model, labels }) =>
          typeof provider === 'string' &&
          typeof model === 'string' &&
          Object.values(labels).every((label) => typeof label === 'string'),
      ),
    ).toBe(true);
    expect(JSON.stringify(pipeline.stats())).toContain('invalid-input');
  });

  it.each([[undefined], [null], ['Begin.'], [5], [[]]])(
    'that is not an object is rejected in the same way: %j',
    async (input) => {
      const { pipeline } = await aStage();
      const failures = [
        pipeline.generate(input as GenerationInput),
        pipeline.start(input as GenerationInput).result,
        lastValueFrom(pipeline.stream(input as GenerationInput)),
        pipeline.iterate(input as GenerationInput).next(),
      ];
      for (const work of failures)
        expect((await failureOf(work)).message).toBe('Give a generation either "prompt" or "messages", not both.');
    },
  );

  it.each([
    ['both', { prompt: 'Begin.', messages: [{ role: 'user', content: 'x' }] }],
    ['neither', { system: 'You write.' }],
  ])('with prompt and messages: %s', async (_, input) => {
    const { pipeline } = await aStage();
    expect((await failureOf(pipeline.generate(input as GenerationInput))).message).toBe(
      'Give a generation either "prompt" or "messages", not both.',
    );
  });

  const LIST =
    /^messages .*must be a non-empty list of \{ role: "system" \| "user" \| "assistant" \| "tool", content: text or parts \}\.$/;
  it.each<[unknown, RegExp]>([
    [[], LIST],
    ['Begin.', LIST],
    [{}, LIST],
    [[null], /^messages\[0\] must be an object with role and content\.$/],
    [[{ role: 'poet', content: 'x' }], /^messages\[0\]\.role must be "system", "user", "assistant" or "tool"\.$/],
    [[{ role: 'user' }], /^messages\[0\]\.content must be a text or a list of parts\.$/],
    [
      [
        { role: 'user', content: 'x' },
        { role: 'user', content: 5 },
      ],
      /^messages\[1\]\.content must be a text or a list of parts\.$/,
    ],
    [
      [{ role: 'user', content: [{ type: 'text', text: 'x' }, { type: 'image' }] }],
      /^messages\[0\]\.content\[1\] must be a part: \{ type: "text", text \}, /,
    ],
    [[{ role: 'user', content: [{ type: 'other', raw: {} }] }], /^messages\[0\]\.content\[0\] must be a part: /],
    [[{ role: 'tool', content: 'x' }], /^messages\[0\]\.toolCallId must be the id of the tool call/],
    [
      [{ role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'f' }] }],
      /^messages\[0\]\.toolCalls must be a list of \{ id, name, arguments \}/,
    ],
    [[{ role: 'assistant', content: '', reasoningDetails: 'x' }], /^messages\[0\]\.reasoningDetails must be a list/],
  ])('with messages %j', async (messages, expected) => {
    const { pipeline, emulator } = await aStage();
    const { message } = await failureOf(pipeline.generate({ messages } as unknown as GenerationInput));
    expect(message).toMatch(expected);
    expect(emulator.requests).toHaveLength(0);
  });

  it("is not quoted if it is the user's text or may contain a key", async () => {
    const { pipeline } = await aStage();
    const inputs = [
      { messages: [{ role: 'poet', content: 'my secret plot' }] },
      { prompt: 'x', headers: { authorization: 'my secret key\n' } },
      { prompt: ['my secret plot'] },
    ];
    for (const input of inputs)
      expect((await failureOf(pipeline.generate(input as unknown as GenerationInput))).message).not.toContain('secret');
  });
});

describe('a valid input', () => {
  it('is sent with its reasoning, its provider options and its headers', async () => {
    const { pipeline, emulator } = await aStage();
    await pipeline.generate({
      prompt: 'Begin.',
      reasoning: { effort: 'low', maxTokens: undefined },
      providerOptions: { openrouter: { session_id: 'ada' } },
      headers: { 'X-Book': 'ada' },
    });
    expect(emulator.requests[0]).toMatchObject({
      body: { reasoning: { effort: 'low' }, session_id: 'ada' },
      headers: { 'x-book': 'ada' },
    });
  });
});

describe('an input whose fields are undefined', () => {
  it('uses the configured values, also for overrides', async () => {
    const { pipeline, emulator } = await aStage({
      config: { retry: { maxAttempts: 2 }, defaults: { model: 'a/model', temperature: 0.3 } },
    });
    emulator.script({ status: 503 }, { status: 503 }, { status: 503 });
    const input = {
      prompt: 'Begin.',
      temperature: undefined,
      model: undefined,
      signal: undefined,
      labels: undefined,
      overrides: { retry: { maxAttempts: undefined }, timeouts: undefined, budget: { labelUsd: undefined } },
    };
    const error = await failureOf(pipeline.generate(input));
    expect(error.attempts).toHaveLength(2);
    expect(emulator.requests[0]!.body).toMatchObject({ temperature: 0.3, model: 'a/model' });
  });
});
