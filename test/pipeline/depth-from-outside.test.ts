import { describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { GenerationInput, Pipeline } from 'scriptorium';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { FakeTransport } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';
import { data, delta, DONE } from '../support/wire.js';

const deep = (levels: number, inside = '1'): string => `${'{"a":'.repeat(levels)}${inside}${'}'.repeat(levels)}`;
const sse = { 'content-type': 'text/event-stream' };

async function pipelineOf(...answers: readonly FakeAnswer[]): Promise<Pipeline> {
  return createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'sk-or-1' }), anthropic({ apiKey: 'sk-ant-1' })],
    config: {
      defaults: { model: 'a/model' },
      retry: { maxAttempts: 1 },
      continuity: { onBreak: 'fail' },
      logging: { level: 'silent' },
      cache: { enabled: true, sampled: true },
    },
    register: (container) => container.register(tokens.TRANSPORT, { useValue: new FakeTransport(...answers) }),
  });
}

async function failure(answer: FakeAnswer, input: Partial<GenerationInput> = {}) {
  const pipeline = await pipelineOf(answer);
  const { code, message, cause } = await failureOf(pipeline.generate({ prompt: 'Begin.', ...input }));
  await pipeline.dispose();
  return { code, message, cause };
}

const event = (fields: string): string => `data: {"id":"gen-1","choices":[],${fields}}\n\n`;
const call = (args: string): string =>
  data({
    id: 'gen-1',
    choices: [
      {
        index: 0,
        delta: { tool_calls: [{ index: 0, id: 'c', function: { name: 'note', arguments: args } }] },
        finish_reason: 'tool_calls',
      },
    ],
  });
const message = (content: string): FakeAnswer => ({
  body: [`{"type":"message","id":"m","stop_reason":"tool_use","content":[${content}]}`],
});
const ANTHROPIC = { provider: 'anthropic', model: 'claude', maxTokens: 100 } as const;

describe('JSON of a vendor that is nested 5,000 levels deep', () => {
  it.each<[string, FakeAnswer, Partial<GenerationInput>]>([
    ['in usage', { headers: sse, body: [event(`"usage":${deep(5_000)}`)] }, {}],
    ['in an error in the stream', { headers: sse, body: [event(`"error":${deep(5_000)}`)] }, {}],
    ['in further fields', { headers: sse, body: [event(`"field":${deep(5_000)}`)] }, {}],
    ['in the arguments of a tool call', { headers: sse, body: [call(deep(5_000)), DONE] }, {}],
    ['in lists', { body: [`{"choices":${'['.repeat(5_000)}${']'.repeat(5_000)}}`] }, {}],
    [
      'in the input of a tool of Anthropic',
      message(`{"type":"tool_use","name":"n","input":${deep(5_000)}}`),
      ANTHROPIC,
    ],
    ['in the usage of Anthropic', { body: [`{"type":"message","usage":${deep(5_000)}}`] }, ANTHROPIC],
    [
      'in streamed input of a tool of Anthropic',
      {
        headers: sse,
        body: [
          data({ type: 'message_start', message: { id: 'm' } }),
          data({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'n' } }),
          data({
            type: 'content_block_delta',
            index: 0,
            delta: { type: 'input_json_delta', partial_json: deep(5_000) },
          }),
          data({ type: 'message_delta', delta: { stop_reason: 'tool_use' } }),
        ],
      },
      ANTHROPIC,
    ],
  ])('%s is a malformed answer', async (_place, answer, input) => {
    expect(await failure(answer, input)).toMatchObject({
      message: expect.stringContaining('nested deeper than 200 levels'),
    });
    expect((await failure(answer, input)).code).toBe('malformed-answer');
  });

  it('in a refusal leaves the verdict of its status', async () => {
    expect(await failure({ status: 403, body: [`{"error":${deep(5_000)}}`] })).toMatchObject({ code: 'permission' });
  });

  it('in a look-up is a malformed answer', async () => {
    const pipeline = await pipelineOf({ body: [deep(5_000)] });
    expect(await failureOf(pipeline.key())).toMatchObject({ code: 'malformed-answer' });
    await pipeline.dispose();
  });

  it('in an object is not valid', async () => {
    const pipeline = await pipelineOf({ headers: sse, body: [delta(deep(5_000)), data(end()), DONE] });
    const object = pipeline.generateObject({ prompt: 'Begin.', schema: { type: 'object' } });
    expect(await failureOf(object)).toMatchObject({ code: 'invalid-object' });
    await pipeline.dispose();
  });
});

const end = () => ({ id: 'gen-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });

describe('JSON of a vendor', () => {
  it('with over a million values is a malformed answer', async () => {
    expect(await failure({ body: [`{"choices":[],"more":[${'1,'.repeat(1_000_001)}1]}`] })).toMatchObject({
      code: 'malformed-answer',
    });
  });

  it('that is nested 150 levels deep is read, and kept in the metadata', async () => {
    const field: unknown = JSON.parse(deep(150));
    const pipeline = await pipelineOf({ headers: sse, body: [delta('Once.'), data({ ...end(), field }), DONE] });
    const { text, providerMetadata } = await pipeline.generate({ prompt: 'Begin.' });
    expect({ text, providerMetadata }).toMatchObject({ text: 'Once.', providerMetadata: { openrouter: { field } } });
    await pipeline.dispose();
  });
});

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('what a program passes', () => {
  it.each<[string, Partial<GenerationInput>, string]>([
    [
      'deep options',
      { providerOptions: { openrouter: { a: JSON.parse(deep(300)) as object } } },
      'providerOptions is nested deeper',
    ],
    ['circular options', { providerOptions: { openrouter: circular } }, 'providerOptions contains itself'],
    [
      'a deep schema',
      { tools: [{ name: 'n', parameters: JSON.parse(deep(300)) as Record<string, unknown> }] },
      'tools is nested deeper',
    ],
    ['a circular schema', { tools: [{ name: 'n', parameters: circular }] }, 'tools contains itself'],
    [
      'a circular response format',
      { responseFormat: { type: 'json-schema', name: 'n', schema: circular } },
      'responseFormat contains itself',
    ],
    ['a BigInt', { providerOptions: { openrouter: { a: 1n } } }, 'providerOptions contains a BigInt'],
    ['circular labels', { labels: circular as Record<string, string> }, 'labels is'],
    ['circular overrides', { overrides: { retry: circular } }, 'overrides.retry has no key "self"'],
    [
      'circular reasoning details',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b', reasoningDetails: [circular] },
        ],
        prompt: undefined,
      },
      'messages contains itself',
    ],
  ])('%s: fails with a clear error', async (_name, input, expected) => {
    const pipeline = await pipelineOf({ headers: sse, body: [delta('Once.'), data(end()), DONE] });
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.', ...input }));
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'invalid-input',
      message: expect.stringContaining(expected),
    });
    await pipeline.dispose();
  });

  it('may hold the same object twice', async () => {
    const shared = { a: 1 };
    const pipeline = await pipelineOf({ headers: sse, body: [delta('Once.'), data(end()), DONE] });
    const options = { openrouter: { one: shared, other: shared } };
    expect((await pipeline.generate({ prompt: 'Begin.', providerOptions: options })).text).toBe('Once.');
    await pipeline.dispose();
  });
});

describe('the text of an error', () => {
  const long = (text: string): FakeAnswer => ({ headers: sse, body: [data({ error: { message: text, code: 400 } })] });

  it('of ten megabytes is cut before any work on it', async () => {
    const { message: shown } = await failure(long('tokens '.repeat(1_500_000)));
    expect(shown.length).toBeLessThan(2_100);
  });

  it('of a plugin is cut to 2 KB, with its stack and its causes', async () => {
    const text = 'w'.repeat(1_000_000);
    const pipeline = await createPipeline({
      environment: {},
      plugins: [openrouter({ apiKey: 'sk-or-1' })],
      config: { defaults: { model: 'a/model' }, retry: { maxAttempts: 1 }, logging: { level: 'silent' } },
      register: (container) =>
        container.register(tokens.TRANSPORT, {
          useValue: { open: () => Promise.reject(new Error(text, { cause: new Error(text, { cause: text }) })) },
        }),
    });
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    const lengths: number[] = [];
    for (let next: unknown = error; next !== undefined; next = next instanceof Error ? next.cause : undefined)
      lengths.push(next instanceof Error ? `${next.message}${next.stack}`.length : (next as string).length);
    expect(lengths.length).toBeGreaterThan(3);
    expect(Math.max(...lengths)).toBeLessThan(20_000);
    await pipeline.dispose();
  });
});
