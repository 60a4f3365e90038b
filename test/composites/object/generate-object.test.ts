import { type } from 'arktype';
import { describe, expect, it } from '@jest/globals';
import { InterruptedError, InvalidObjectError, tokens } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import * as valibot from 'valibot';
import * as z from 'zod';
import { eventually } from '../../support/eventually.js';
import { failureOf } from '../../support/pipelines.js';
import { aScene } from '../../support/scene.js';
import type { ScriptServer, Step } from '../../support/script-server.js';
import { answers, chunk, chunked, delta, DONE, finish, refuses, SSE_HEAD, USAGE } from '../../support/wire.js';

interface SentBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly type: string; readonly json_schema?: object };
}

const sent = ({ requests }: ScriptServer, index = 0): SentBody =>
  JSON.parse(requests[index]!.split('\r\n\r\n')[1]!) as SentBody;
const ends = (text: string, reason: string): readonly Step[] => [
  { request: true },
  { write: chunked(delta(text) + finish(reason) + DONE) },
];

const asInvalid = (error: unknown): InvalidObjectError => {
  if (error instanceof InvalidObjectError) return error;
  throw new Error('Expected an InvalidObjectError', { cause: error });
};

const Ship = z.object({ name: z.string(), masts: z.int() });
const SHIP_SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string' }, masts: { type: 'integer' } },
  required: ['name', 'masts'],
  additionalProperties: false,
};
const SHIP = { name: 'Pequod', masts: 3 };
const WRONG = { name: 'Pequod', masts: 'three' };

describe('an object of a schema', () => {
  it('may come after thoughts in the text', async () => {
    const { pipeline } = await aScene([answers('<think>Which', ' one?</think>\n{"name":"Peq', 'uod","masts":3}')]);
    const result = await pipeline.generateObject({ prompt: 'Which ship?', schema: Ship });
    expect(result).toMatchObject({ object: SHIP, text: '{"name":"Pequod","masts":3}', reasoning: 'Which one?' });
  });

  const v = valibot;
  const ofValibot = v.object({ name: v.string(), masts: v.number() });
  it.each([
    ['of Zod', { schema: Ship }],
    ['of ArkType', { schema: type({ name: 'string', masts: 'number.integer' }) }],
    ['of Valibot, with its JSON Schema beside it', { schema: ofValibot, jsonSchema: SHIP_SCHEMA }],
    ['of Valibot alone', { schema: ofValibot }],
    ['that is a JSON Schema', { schema: SHIP_SCHEMA }],
    [
      'that is a JSON Schema of draft 07',
      { schema: { $schema: 'http://json-schema.org/draft-07/schema#', ...SHIP_SCHEMA } },
    ],
  ])("%s is the model's answer", async (_, given) => {
    const { pipeline } = await aScene([answers('{"name":"Peq', 'uod","masts":3}')]);
    const result = await pipeline.generateObject({ prompt: 'Which ship?', ...(given as { schema: typeof Ship }) });
    expect(result.object).toEqual(SHIP);
    expect(result).toMatchObject({
      text: '{"name":"Pequod","masts":3}',
      finishReason: { unified: 'stop' },
      usage: { inputTokens: 7, outputTokens: 5 },
      attempts: [{ attempt: 1 }],
      provider: 'openrouter',
    });
  });

  it('is the value returned by the schema, including defaults and transformations', async () => {
    const { pipeline } = await aScene([answers('{"built":"1830-05-01"}')]);
    const schema = z.object({
      built: z.string().transform((text) => Number(text.slice(0, 4))),
      masts: z.number().default(3),
    });
    expect((await pipeline.generateObject({ prompt: 'Which ship?', schema })).object).toEqual({
      built: 1830,
      masts: 3,
    });
  });

  it('may be checked asynchronously', async () => {
    const { pipeline } = await aScene([answers('"Pequod"')]);
    const schema = z.string().refine((name) => Promise.resolve(name !== 'Rachel'));
    expect((await pipeline.generateObject({ prompt: 'Which ship?', schema })).object).toBe('Pequod');
  });

  it('may be null', async () => {
    const { pipeline } = await aScene([answers('null')]);
    expect((await pipeline.generateObject({ prompt: 'Which ship?', schema: z.null() })).object).toBeNull();
  });

  it.each([
    ['alone', '```json\n{"name":"Pequod",\n"masts":3}\n```'],
    ['without a language', '```\n{"name":"Pequod","masts":3}\n```'],
    ['in one line', '```json {"name":"Pequod","masts":3} ```'],
    ['in the midst of talk', 'Certainly!\n\n```json\r\n{"name":"Pequod","masts":3}```\r\nAnything else?'],
    ['beside a fence of something else', '```json\n{"name":"Pequod","masts":3}\n```\n```\nnot JSON\n```'],
  ])('is found in a Markdown fence %s', async (_, text) => {
    const { pipeline, server } = await aScene([answers(text)]);
    expect((await pipeline.generateObject({ prompt: 'Which ship?', schema: Ship })).object).toEqual(SHIP);
    expect(server.requests).toHaveLength(1);
  });
});

describe('the request for an object', () => {
  it('contains the schema as converted by its own library, under its name', async () => {
    const { pipeline, server } = await aScene([answers(JSON.stringify(SHIP))]);
    await pipeline.generateObject({ prompt: 'Which ship?', schema: Ship, name: 'ship', strict: true });
    expect(sent(server)).toMatchObject({
      messages: [{ role: 'user', content: 'Which ship?' }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'ship', strict: true, schema: z.toJSONSchema(Ship, { io: 'input' }) },
      },
    });
  });

  it('contains a given JSON Schema unchanged, under the name "answer"', async () => {
    const { pipeline, server } = await aScene([answers(JSON.stringify(SHIP))]);
    await pipeline.generateObject({ prompt: 'Which ship?', schema: SHIP_SCHEMA });
    expect(sent(server).response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: SHIP_SCHEMA },
    });
  });

  it('contains the JSON Schema beside the schema, if there is one', async () => {
    const { pipeline, server } = await aScene([answers('{"at":"1830-05-01T00:00:00Z"}')]);
    const jsonSchema = { type: 'object', properties: { at: { type: 'string' } } };
    const { object } = await pipeline.generateObject({
      prompt: 'When?',
      schema: z.object({ at: z.string().transform((text) => new Date(text)) }),
      jsonSchema,
    });
    expect(object.at).toEqual(new Date(Date.UTC(1830, 4, 1)));
    expect(sent(server).response_format?.json_schema).toEqual({ name: 'answer', schema: jsonSchema });
  });

  it.each([
    [undefined, 'Answer with one JSON value and nothing else.'],
    ['Be brief.', 'Be brief.\n\nAnswer with one JSON value and nothing else.'],
  ])('asks for JSON, also in the system prompt, if there is no JSON Schema (system: %s)', async (system, content) => {
    const { pipeline, server } = await aScene([answers('"Pequod"')]);
    await pipeline.generateObject({ prompt: 'Which ship?', system, schema: valibot.string() });
    expect(sent(server)).toMatchObject({
      messages: [
        { role: 'system', content },
        { role: 'user', content: 'Which ship?' },
      ],
      response_format: { type: 'json_object' },
    });
  });
});

describe('an answer that does not fit', () => {
  it('is sent back once with its issues, and both generations are in the cost and the statistics', async () => {
    const { pipeline, server, sink } = await aScene([answers(JSON.stringify(WRONG)), answers(JSON.stringify(SHIP))]);
    const result = await pipeline.generateObject({
      system: 'Be brief.',
      prompt: 'Which ship?',
      schema: Ship,
      labels: { book: 'whale' },
    });
    expect(result).toMatchObject({
      object: SHIP,
      text: JSON.stringify(SHIP),
      attempts: [
        { attempt: 1, outcome: 'success' },
        { attempt: 1, outcome: 'success' },
      ],
      usage: { inputTokens: 14, outputTokens: 10, costUsd: 0.0006, source: 'reported' },
      cost: { known: 0.0006, unmeasuredAttempts: 0 },
    });
    const { messages } = sent(server, 1);
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(messages[2]!.content).toBe(JSON.stringify(WRONG));
    expect(messages[3]!.content).toMatch(
      /^That is not what was asked for:\n- masts: .*expected .+\n\nAnswer again, with the whole corrected JSON value and nothing else\.\n\nIt must fit this JSON Schema:\n\{.*"masts".*\}$/,
    );
    expect(sent(server, 1).response_format).toEqual(sent(server).response_format);
    expect(sink.generations.map(({ outcome, labels }) => [outcome, labels])).toEqual([
      ['success', { book: 'whale' }],
      ['success', { book: 'whale' }],
    ]);
    expect(pipeline.stats()).toMatchObject({ requests: 2, successful: 2 });
  });

  it('is sent back with its messages and its reasoning', async () => {
    const details = [
      { type: 'reasoning.text', text: 'Hm.', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 },
    ];
    const thought = `data: ${JSON.stringify({ id: 'gen-1', choices: [{ index: 0, delta: { role: 'assistant', content: '', reasoning: 'Hm.', reasoning_details: details } }] })}\n\n`;
    const { pipeline, server } = await aScene([
      [{ request: true }, { write: chunked(thought + delta('{}') + finish() + DONE) }],
      answers(JSON.stringify(SHIP)),
    ]);
    await pipeline.generateObject({
      messages: [
        { role: 'user', content: 'One.' },
        { role: 'assistant', content: 'Two.' },
        { role: 'user', content: 'Three.' },
      ],
      schema: SHIP_SCHEMA,
    });
    expect(sent(server, 1).messages).toEqual([
      { role: 'user', content: 'One.' },
      { role: 'assistant', content: 'Two.' },
      { role: 'user', content: 'Three.' },
      { role: 'assistant', content: '{}', reasoning_details: details },
      {
        role: 'user',
        content: expect.stringContaining("- must have required property 'name'\n- must have required property 'masts'"),
      },
    ]);
  });

  it.each([
    ['no JSON', 'The Pequod has three masts.'],
    ['two fences of JSON', '```\n1\n```\n```\n2\n```'],
    ['JSON with a word after it', `${JSON.stringify(SHIP)} Enjoy!`],
    ['a fence that is open', `\`\`\`json\n${JSON.stringify(SHIP)}`],
  ])('may be %s, which is not repaired', async (_, text) => {
    const { pipeline, server } = await aScene([answers(text), answers(JSON.stringify(SHIP))]);
    expect((await pipeline.generateObject({ prompt: 'Which ship?', schema: Ship })).object).toEqual(SHIP);
    expect(sent(server, 1).messages.at(-1)!.content).toContain(
      '- The answer is neither JSON nor a text with exactly one Markdown fence of JSON.',
    );
  });

  it('twice is an InvalidObjectError with the paths of the issues, the text and the usage', async () => {
    const { pipeline, server } = await aScene([
      answers('{}'),
      answers('{"ships":[{"name":"Pequod","masts":3},{"name":7,"the sails":1}]}'),
    ]);
    const schema = {
      type: 'object',
      properties: { ships: { type: 'array', items: SHIP_SCHEMA } },
      required: ['ships'],
    };
    const error = await failureOf(pipeline.generateObject({ prompt: 'Which ships?', schema }));
    expect(error).toBeInstanceOf(InvalidObjectError);
    expect(error).toMatchObject({
      name: 'InvalidObjectError',
      code: 'invalid-object',
      retryable: true,
      provider: 'openrouter',
      model: 'a/model',
      attempts: [{ attempt: 1 }, { attempt: 1 }],
      issues: [
        "ships[1]: must have required property 'masts'",
        'ships[1]: must NOT have additional properties, such as "the sails"',
        'ships[1].name: must be string',
      ],
      partial: {
        text: '{"ships":[{"name":"Pequod","masts":3},{"name":7,"the sails":1}]}',
        usage: { inputTokens: 14, outputTokens: 10, costUsd: 0.0006, source: 'reported' },
        toolCallsOpen: false,
      },
    });
    expect(error.message).toBe(
      `Two answers of the model did not match the schema. Issues of the second: ${asInvalid(error).issues.join('; ')}`,
    );
    expect(server.requests).toHaveLength(2);
  });

  it('is shortened in the message', async () => {
    const { pipeline } = await aScene([
      answers(JSON.stringify(Array.from({ length: 500 }, () => 'secret '.repeat(100)))),
    ]);
    const schema = z.array(z.string().refine((text) => text === '', { error: ({ input }) => `is ${String(input)}` }));
    const error = await failureOf(pipeline.generateObject({ prompt: 'Which ships?', schema }));
    const { issues } = asInvalid(error);
    expect([issues.length, issues.at(-1)]).toEqual([11, '… and 490 more.']);
    expect(error.message.length).toBeLessThan(2_500);
  });

  it('loses a __proto__ key', async () => {
    const { pipeline } = await aScene([answers('{"__proto__":{"isAdmin":true},"name":"Pequod"}')]);
    const { object } = await pipeline.generateObject<{ name: string }>({
      prompt: 'Which ship?',
      schema: { type: 'object' },
    });
    expect(Object.keys(object)).toEqual(['name']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});

describe('an incomplete answer', () => {
  it.each(['{"name":"Pequod","masts":3', JSON.stringify(SHIP)])(
    'by the token cap is an error without a second generation: %s',
    async (text) => {
      const { pipeline, server } = await aScene([ends(text, 'length')], {
        config: { continuity: { onLength: 'continue' } },
      });
      const error = await failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema: Ship }));
      expect(error).toBeInstanceOf(InterruptedError);
      expect(error).toMatchObject({
        code: 'interrupted',
        message: 'The object is incomplete: the answer reached the token cap. Raise maxTokens.',
        partial: { text, usage: { inputTokens: 7 } },
        attempts: [{ attempt: 1 }],
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  it('in the second round is an error with the cost of both', async () => {
    const { pipeline } = await aScene([answers('{}'), ends('{"name":', 'length')]);
    expect(await failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema: Ship }))).toMatchObject({
      code: 'interrupted',
      partial: { text: '{"name":', usage: { inputTokens: 14 } },
      attempts: [{}, {}],
    });
  });

  it("because of the vendor's filter is an error with that reason", async () => {
    const { pipeline } = await aScene([ends(JSON.stringify(SHIP), 'content_filter')]);
    expect(await failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema: Ship }))).toMatchObject({
      code: 'interrupted',
      message: 'The object is incomplete: the model stopped with "content_filter".',
    });
  });

  it('because the stream broke is restarted, and never joined', async () => {
    const breaks: readonly Step[] = [
      { request: true },
      { write: SSE_HEAD + chunk(delta('{"name":"Ra')) },
      { rst: true },
    ];
    const { pipeline, server } = await aScene([breaks, answers(JSON.stringify(SHIP))]);
    const { object, attempts, segments } = await pipeline.generateObject({ prompt: 'Which ship?', schema: Ship });
    expect(object).toEqual(SHIP);
    expect([attempts.filter((attempt) => attempt.sent).length, segments.length]).toEqual([2, 1]);
    expect(server.requests).toHaveLength(2);
    expect(sent(server, 1)).toEqual(sent(server));
  });
});

describe('a second round that fails', () => {
  it('is reported by its own error, with the text and usage of both', async () => {
    const { pipeline } = await aScene([
      answers('{"name":"Pequod"}'),
      refuses('402 Payment Required', { error: { code: 402, message: 'Insufficient credits' } }),
    ]);
    expect(await failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema: Ship }))).toMatchObject({
      code: 'payment-required',
      partial: { text: '{"name":"Pequod"}', usage: { inputTokens: USAGE.prompt_tokens, source: 'reported' } },
      attempts: [{ outcome: 'success' }, { outcome: 'error', status: 402 }],
    });
  });

  it("by the caller's signal is an AbortError", async () => {
    const controller = new AbortController();
    const { pipeline, server } = await aScene([answers('"Pequod"')]);
    const schema = z.string().refine(() => controller.abort());
    expect(
      await failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema, signal: controller.signal })),
    ).toMatchObject({ code: 'aborted', partial: { text: '"Pequod"' }, attempts: [{}] });
    expect(server.requests).toHaveLength(1);
  });

  it('has the rest of the deadline', async () => {
    const clock = new ManualClock();
    const { pipeline, server } = await aScene([answers('"Pequod"'), [{ request: true }, { stall: true }]], {
      register: (container) => container.register(tokens.CLOCK, { useValue: clock }),
    });
    const schema = z.string().refine(() => {
      clock.advance(600);
    });
    const failure = failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema, deadlineMs: 1_000 }));
    await eventually(() => server.requests.length === 2);
    clock.advance(400);
    expect(await failure).toMatchObject({
      code: 'timeout',
      timer: 'deadline',
      partial: { text: '"Pequod"' },
      attempts: [{ outcome: 'success' }, {}],
    });
  });
});

describe('a schema that fails', () => {
  it('by itself is an internal error with the paid text', async () => {
    const { pipeline } = await aScene([answers('"Pequod"')]);
    const schema = z.string().refine(() => {
      throw new TypeError('a bug');
    });
    expect(await failureOf(pipeline.generateObject({ prompt: 'Which ship?', schema }))).toMatchObject({
      code: 'internal',
      message: 'Unexpected failure: a bug',
      partial: { text: '"Pequod"', usage: { inputTokens: 7 } },
      attempts: [{}],
    });
  });

  it.each([
    [
      'a Date, which is no JSON',
      { schema: z.object({ at: z.date() }) },
      /^schema cannot be converted to a JSON Schema \(.*Date.*\)\. Pass the JSON Schema of the answer as jsonSchema\.$/,
    ],
    ['a JSON Schema of a wrong shape', { schema: { type: 'ship' } }, /^schema is not a valid JSON Schema: .+\.$/],
    [
      'a JSON Schema that points elsewhere',
      { schema: { $ref: 'https://example.com/ship' } },
      /^schema is not a valid JSON Schema: .+ship.*\.$/,
    ],
    [
      'an asynchronous JSON Schema',
      { schema: { $async: true } },
      /^schema is not a valid JSON Schema: asynchronous schemas \(\$async\) are not supported\.$/,
    ],
    ['no schema', {}, /^schema must be a Standard Schema \(of Zod, Valibot, ArkType …\) or a JSON Schema\.$/],
    ['null', { schema: null }, /^schema must be/],
    ['a list', { schema: [] }, /^schema must be/],
    ['a function', { schema: () => true }, /^schema must be/],
    [
      'a JSON Schema beside it that is none',
      { schema: Ship, jsonSchema: 'ship' },
      /^jsonSchema must be an object, a JSON Schema\.$/,
    ],
    [
      'a name with a blank',
      { schema: Ship, name: 'a ship' },
      /^name must have at most 64 characters: letters, digits, "_" and "-"\.$/,
    ],
    [
      'a format of its own',
      { schema: Ship, responseFormat: { type: 'json' } },
      /^responseFormat is derived from the schema\. Remove it\.$/,
    ],
    [
      'a misspelt field',
      { schema: Ship, temprature: 0 },
      /^A generation has no field "temprature"\. Did you mean "temperature"\?$/,
    ],
  ])('is rejected before anything is sent: %s', async (_, input, message) => {
    const { pipeline, server } = await aScene([answers('{}')]);
    const error = await failureOf(
      pipeline.generateObject({ prompt: 'Which ship?', ...input } as Parameters<typeof pipeline.generateObject>[0]),
    );
    expect(error).toMatchObject({
      code: 'invalid-input',
      retryable: false,
      message: expect.stringMatching(message) as unknown,
    });
    expect(server.connections).toBe(0);
  });

  it('is rejected also without any input', async () => {
    const { pipeline } = await aScene([answers('{}')]);
    expect(await failureOf(pipeline.generateObject(undefined as never))).toMatchObject({ code: 'invalid-input' });
  });
});
