import { describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { FakeTransport } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';

interface Setting {
  readonly config?: object;
  readonly environment?: NodeJS.ProcessEnv;
  readonly plugin?: ReturnType<typeof anthropic>;
}

const generic = () => openaiCompatible({ baseUrl: 'http://quill.test/v1', model: ' quill-1 ' });
const aPipeline = (transport: FakeTransport, { config = {}, environment = {}, plugin = generic() }: Setting) =>
  createPipeline({
    environment,
    config: { logging: { level: 'silent' }, ...config },
    plugins: [plugin],
    register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
  });

/** The body of the one request that a generation makes. */
async function sentBy(input: Partial<GenerationInput>, setting: Setting = {}): Promise<Record<string, unknown>> {
  const transport = new FakeTransport({ status: 400, body: ['{}'] });
  await using pipeline = await aPipeline(transport, setting);
  const asked = input.messages === undefined ? { prompt: 'Write.', ...input } : input;
  await failureOf(pipeline.generate(asked));
  return JSON.parse(transport.requests[0]!.body!) as Record<string, unknown>;
}

const SENT = { max_tokens: 8192, temperature: 0.7, top_p: 0.9 };

describe('a default', () => {
  it('is sent where nothing else is said', async () => {
    expect(await sentBy({})).toMatchObject(SENT);
  });

  it.each([
    ['temperature', 'temperature', 'SCRIPTORIUM_DEFAULTS_TEMPERATURE'],
    ['topP', 'top_p', 'SCRIPTORIUM_DEFAULTS_TOP_P'],
    ['maxTokens', 'max_tokens', 'SCRIPTORIUM_DEFAULTS_MAX_TOKENS'],
  ] as const)(
    '%s is left out by null: in the configuration, a variable, and the call',
    async (field, name, variable) => {
      const { [name]: _left, ...others } = SENT;
      const bodies = [
        await sentBy({}, { config: { defaults: { [field]: null } } }),
        await sentBy({}, { environment: { [variable]: 'null' } }),
        await sentBy({ [field]: null }),
      ];
      for (const body of bodies) {
        expect(body).toMatchObject(others);
        expect(body).not.toHaveProperty(name);
      }
    },
  );

  it('that is null is overridden by the call', async () => {
    expect(await sentBy({ temperature: 0 }, { config: { defaults: { temperature: null } } })).toMatchObject({
      temperature: 0,
    });
  });

  it('stays left out in a checked input, whatever the defaults of the pipeline that takes it', async () => {
    const transport = new FakeTransport();
    await using pipeline = await aPipeline(transport, { config: { defaults: { temperature: null } } });
    const { input } = pipeline.check({ prompt: 'Write.', maxTokens: null });
    const body = await sentBy(input);
    expect(body).toMatchObject({ top_p: 0.9 });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['temperature']));
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['max_tokens']));
  });

  it('is shown as null where it is described', async () => {
    const transport = new FakeTransport();
    const bad = aPipeline(transport, { environment: { SCRIPTORIUM_DEFAULTS_TEMPERATURE: 'none' } });
    await expect(bad).rejects.toThrow('"none", but must be a number from 0 to 2, or null.');
  });
});

describe('a parameter without a default', () => {
  it.each([
    'topK',
    'minP',
    'topA',
    'frequencyPenalty',
    'presencePenalty',
    'repetitionPenalty',
    'seed',
    'stop',
  ] as const)('%s may be null, which leaves it out', async (field) => {
    expect(Object.keys(await sentBy({ [field]: null }))).toEqual(Object.keys(await sentBy({})));
  });

  it('stop is left out where the list is empty, since servers refuse that', async () => {
    expect(await sentBy({ stop: [] })).not.toHaveProperty('stop');
    expect(
      await sentBy({ stop: [], model: 'claude-opus-4-5' }, { plugin: anthropic({ apiKey: 'k' }) }),
    ).not.toHaveProperty('stop_sequences');
  });

  it('is refused as a text', async () => {
    const transport = new FakeTransport();
    await using pipeline = await aPipeline(transport, {});
    const { message } = await failureOf(pipeline.generate({ prompt: 'Write.', topK: 'null' as never }));
    expect(message).toBe('topK is "null", but must be a whole number of at least 0, or null.');
  });
});

describe('the name of a model', () => {
  it('has no blanks around it, wherever it enters', async () => {
    const models = [
      await sentBy({}),
      await sentBy({ model: '\tquill-1\n' }),
      await sentBy({}, { config: { defaults: { model: ' quill-1' } } }),
      await sentBy({}, { environment: { SCRIPTORIUM_DEFAULTS_MODEL: 'quill-1 ' } }),
      await sentBy({}, { plugin: anthropic({ apiKey: 'k', model: ' quill-1' }) }),
    ].map(({ model }) => model);
    expect(models).toEqual(Array(5).fill('quill-1'));
  });

  it.each([
    ['the configuration', { config: { routes: [{ model: ' quill-2 ' }] } }, {}],
    ['the call', {}, { overrides: { routes: [{ model: ' quill-2 ' }] } }],
  ])('has none in routes of %s', async (_where, setting, input) => {
    const transport = new FakeTransport({ status: 404, body: ['{}'] }, { status: 404, body: ['{}'] });
    await using pipeline = await aPipeline(transport, setting);
    const { routeFailures } = await failureOf(pipeline.generate({ prompt: 'Write.', ...input }));
    expect(routeFailures?.map(({ model }) => model)).toEqual(['quill-1', 'quill-2']);
  });

  it('must not be blank', async () => {
    const transport = new FakeTransport();
    await using pipeline = await aPipeline(transport, {});
    const { message } = await failureOf(pipeline.generate({ prompt: 'Write.', model: '  ' }));
    expect(message).toContain('model is "  ", but must be a text that is not empty.');
  });
});

describe('half a surrogate pair', () => {
  const HALF = 'Once\ud83d';
  const INPUT: GenerationInput = {
    system: HALF,
    messages: [{ role: 'user', content: [{ type: 'text', text: HALF }] }],
    tools: [{ name: 'look_up', description: HALF, parameters: { type: 'object', description: HALF } }],
    stop: [HALF],
    labels: { book: HALF },
  };

  it.each([
    ['chat completions', generic, 'quill-1'],
    ['the Messages API', () => anthropic({ apiKey: 'k' }), 'claude-opus-4-5'],
  ])('goes out as U+FFFD, to %s, with one warning a generation', async (_where, plugin, model) => {
    const transport = new FakeTransport(
      { status: 503, body: ['{}'] },
      { status: 503, body: ['{}'] },
      { status: 400, body: ['{}'] },
    );
    await using pipeline = await aPipeline(transport, {
      plugin: plugin(),
      config: { retry: { baseMs: 0 } },
    });
    const warnings: string[] = [];
    await new Promise<void>((resolve) => {
      pipeline.start({ ...INPUT, model }).events.subscribe({
        next: (event) => {
          if (event.type === 'warning') warnings.push(event.message);
        },
        error: () => resolve(),
      });
    });
    expect(warnings).toEqual([expect.stringMatching(/half a surrogate pair, which is sent as U\+FFFD/)]);
    expect(transport.requests).toHaveLength(3);
    for (const { body } of transport.requests) {
      expect(body).not.toMatch(/\\ud83d/i);
      expect(body!.split('Once\ufffd')).toHaveLength(6);
    }
  });
});
