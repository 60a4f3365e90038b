import { describe, expect, it } from '@jest/globals';
import { createPipeline, GenerationError, tokens } from 'scriptorium';
import type { ModelInfo, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { FakeTransport, ManualClock } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { readModels } from '../../../plugins/openrouter/read-model.js';
import { failureOf } from '../../support/pipelines.js';
import { aStage } from '../../pipeline/an-emulator.js';

const MINUTE_MS = 60_000;

/** A model as OpenRouter would tell it. */
const SONNET = {
  id: 'x/sonnet',
  canonical_slug: 'x/sonnet-20260101',
  name: 'X: Sonnet',
  context_length: 1_000_000,
  architecture: {
    modality: 'text+image+file->text',
    input_modalities: ['text', 'image', 'file'],
    output_modalities: ['text'],
    tokenizer: 'X',
  },
  pricing: {
    prompt: '0.000003',
    completion: '0.000015',
    request: '0',
    image: '0.0048',
    web_search: '0.01',
    internal_reasoning: '0.00003',
    input_cache_read: '0.0000003',
    input_cache_write: '0.00000375',
    input_cache_write_1h: '0.000006',
    discount: 0,
    overrides: [
      { min_prompt_tokens: 200_000, prompt: '0.000006' },
      { utc_start: '1630', utc_end: '0030', completion: '0.00001' },
      { region: 'eu', prompt: '9' },
    ],
  },
  top_provider: { context_length: 200_000, max_completion_tokens: 64_000, is_moderated: true },
  supported_parameters: ['max_tokens', 'reasoning', 'structured_outputs', 'tools'],
  expiration_date: '2027-03-01',
  benchmarks: { new: 'field' },
};

const read = (model: object): ModelInfo => readModels({ data: [{ id: 'x/y', ...model }] })[0]!;

describe("a model of OpenRouter's", () => {
  it('is read with its limits, its prices as exact texts, and what it can do', () => {
    expect(read(SONNET)).toEqual({
      id: 'x/sonnet',
      canonicalSlug: 'x/sonnet-20260101',
      name: 'X: Sonnet',
      contextLength: 1_000_000,
      maxOutputTokens: 64_000,
      isFree: false,
      price: {
        prompt: '0.000003',
        completion: '0.000015',
        request: '0',
        image: '0.0048',
        webSearch: '0.01',
        reasoning: '0.00003',
        cacheRead: '0.0000003',
        cacheWrite: '0.00000375',
        cacheWrite1h: '0.000006',
        // The third one holds under a condition nobody knows here.
        overrides: [
          { minPromptTokens: 200_000, prompt: '0.000006' },
          { utcStart: '1630', utcEnd: '0030', completion: '0.00001' },
        ],
      },
      inputModalities: ['text', 'image', 'file'],
      outputModalities: ['text'],
      supportedParameters: ['max_tokens', 'reasoning', 'structured_outputs', 'tools'],
      capabilities: { tools: true, structuredOutputs: true, reasoning: true, vision: true, audio: false, files: true },
      expirationDate: '2027-03-01',
      raw: SONNET,
    });
  });

  it.each([
    [{ prompt: '-1', completion: '-1' }],
    [{ prompt: '0.1' }],
    [{ prompt: 'free', completion: '0' }],
    [null],
    ['0'],
  ])('has no price where that is %j', (pricing) => {
    expect(read({ pricing })).not.toHaveProperty('price');
    expect(read({ pricing })).not.toHaveProperty('isFree');
  });

  it.each<[object, boolean]>([
    [{ prompt: '0', completion: '0' }, true],
    [{ prompt: '0.0', completion: 0 }, true],
    [{ prompt: '0', completion: '0.1' }, false],
    [{ prompt: '0', completion: '0', request: '0.01' }, false],
  ])('at %j is free: %p', (pricing, isFree) => expect(read({ pricing }).isFree).toBe(isFree));

  it('takes the context of its best host where it names none itself', () => {
    expect(
      read({ context_length: null, top_provider: { context_length: 8_192, max_completion_tokens: null } }),
    ).toMatchObject({ contextLength: 8_192 });
  });

  it('whose fields are of other shapes is read without them, and an entry without an id is passed over', () => {
    const odd = {
      id: 'x/odd',
      name: 7,
      context_length: 'many',
      architecture: [],
      pricing: { prompt: {}, completion: [] },
      top_provider: null,
      supported_parameters: 'all',
      expiration_date: null,
    };
    expect(readModels({ data: [odd, { name: 'nameless' }, null, 3] })).toEqual([
      {
        id: 'x/odd',
        inputModalities: [],
        outputModalities: [],
        supportedParameters: [],
        capabilities: {
          tools: false,
          structuredOutputs: false,
          reasoning: false,
          vision: false,
          audio: false,
          files: false,
        },
        raw: odd,
      },
    ]);
    expect(readModels({ data: 'none' })).toEqual([]);
  });
});

const list = (...ids: readonly string[]): FakeAnswer => ({
  body: [JSON.stringify({ data: ids.map((id) => ({ id })) })],
});
const refused = (): GenerationError =>
  new GenerationError('connection', 'refused', { retryable: true, neverSent: true });

async function over(...answers: readonly (FakeAnswer | GenerationError)[]) {
  const [transport, clock] = [new FakeTransport(...answers), new ManualClock()];
  const pipeline = await createPipeline({
    plugins: [openrouter({ apiKey: 'k' })],
    environment: {},
    config: { logging: { level: 'silent' } },
    register: (container) => {
      container.register(tokens.TRANSPORT, { useValue: transport });
      container.register(tokens.CLOCK, { useValue: clock });
    },
  });
  const told = async (...query: Parameters<Pipeline['models']>) =>
    (await pipeline.models(...query)).map(({ id, source }) => `${id} ${source ?? ''}`).join();
  return { transport, clock, pipeline, told };
}

describe('the catalogue', () => {
  it('is asked for once in five minutes', async () => {
    const { transport, clock, told } = await over(list('a/one'), list('a/two'));
    expect([await told(), await told()]).toEqual(['a/one live', 'a/one cache']);
    clock.advance(5 * MINUTE_MS - 1);
    expect([await told(), transport.requests.length]).toEqual(['a/one cache', 1]);
    clock.advance(1);
    expect([await told(), transport.requests.length]).toEqual(['a/two live', 2]);
  });

  it('is asked for at once where that is wanted', async () => {
    const { told } = await over(list('a/one'), list('a/two'));
    expect([await told(), await told({ fresh: true }), await told()]).toEqual([
      'a/one live',
      'a/two live',
      'a/two cache',
    ]);
  });

  it('is asked for once by all who ask at the same time', async () => {
    const { transport, told } = await over(list('a/one'));
    expect([await Promise.all([told(), told(), told()]), transport.requests.length]).toEqual([
      ['a/one live', 'a/one live', 'a/one live'],
      1,
    ]);
  });

  it('says when each list was told', async () => {
    const { clock, pipeline } = await over(list('a/one'));
    const before = clock.now();
    await pipeline.models();
    clock.advance(MINUTE_MS);
    expect(await pipeline.models()).toMatchObject([{ source: 'cache', asOf: before }]);
  });

  it.each(['connection', 'dns', 'timeout'] as const)(
    'is the one that came with the package, and says so, where OpenRouter cannot be reached (%s)',
    async (code) => {
      const { pipeline } = await over(new GenerationError(code, 'no', { retryable: true }));
      const models = await pipeline.models();
      expect(models.length).toBeGreaterThanOrEqual(20);
      expect(models.every(({ source, asOf }) => source === 'snapshot' && asOf === Date.parse('2026-11-10'))).toBe(true);
    },
  );

  it('is the last one, however old, where OpenRouter can no longer be reached, and is asked for again', async () => {
    const { clock, told } = await over(list('a/one'), refused(), list('a/two'));
    await told();
    clock.advance(60 * MINUTE_MS);
    expect([await told(), await told()]).toEqual(['a/one cache', 'a/two live']);
  });

  it.each<[string, FakeAnswer | GenerationError, string]>([
    ['refuses us', { status: 401, body: ['{"error": {"code": 401, "message": "no"}}'] }, 'authentication'],
    ['answers with a web page', { body: ['<html>Sign in</html>'] }, 'unexpected-content'],
    ['has a bad certificate', new GenerationError('tls', 'no'), 'tls'],
  ])('is no other one where OpenRouter %s', async (_what, answer, code) => {
    expect(await failureOf((await over(answer)).pipeline.models())).toMatchObject({ code });
  });

  it('is no other one where it must be fresh', async () => {
    const { pipeline } = await over(list('a/one'), refused());
    await pipeline.models();
    expect(await failureOf(pipeline.models({ fresh: true }))).toMatchObject({ code: 'connection' });
  });

  it('sends nothing where it is asked for offline', async () => {
    const { transport, told } = await over(list('a/one'));
    expect(await told({ offline: true })).toContain('anthropic/claude-sonnet-4.5 snapshot');
    expect(transport.requests).toHaveLength(0);
    await told();
    expect([await told({ offline: true }), transport.requests.length]).toEqual(['a/one cache', 1]);
  });

  it("is the named provider's", async () => {
    const { told, pipeline } = await over(list('a/one'));
    expect([await told('openrouter'), await told({ provider: 'openrouter' })]).toEqual(['a/one live', 'a/one cache']);
    expect((await failureOf(pipeline.models('openroter'))).message).toContain('known: openrouter');
  });

  it('cannot send anything offline, whatever the provider tries', async () => {
    const transport = new FakeTransport(list('a/one'));
    const careless = definePlugin({
      name: 'careless',
      apiVersion: 1,
      setup: (host) =>
        host.addProvider({
          id: 'careless',
          generate: () => {
            throw new Error('not asked');
          },
          catalogue: {
            models: async (connection) => {
              const request = { method: 'GET', url: 'http://127.0.0.1/', headers: {} } as const;
              return [{ id: String((await connection.open(request, new AbortController().signal)).status) }];
            },
          },
        }),
    });
    const pipeline = await createPipeline({
      plugins: [careless],
      environment: {},
      config: { logging: { level: 'silent' } },
      register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
    });
    expect(await failureOf(pipeline.models({ offline: true }))).toMatchObject({ code: 'connection' });
    expect([transport.requests.length, await pipeline.models()]).toEqual([0, [{ id: '200' }]]);
  });

  it('needs no key, and then sends none', async () => {
    const transport = new FakeTransport(list('a/one'));
    const register = (
      container: Parameters<NonNullable<Parameters<typeof createPipeline>[0]>['register'] & {}>[0],
    ): void => void container.register(tokens.TRANSPORT, { useValue: transport });
    const pipeline = await createPipeline({
      plugins: [openrouter({ isKeyOptional: true })],
      environment: {},
      config: { logging: { level: 'silent' } },
      register,
    });
    expect(await pipeline.models()).toMatchObject([{ id: 'a/one', source: 'live' }]);
    expect(transport.requests[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('the models that came with the package', () => {
  it('have a price, a context and a name each, but for the router whose price depends', async () => {
    const models = await (await over()).pipeline.models({ offline: true });
    expect(models.filter(({ price }) => price === undefined).map(({ id }) => id)).toEqual(['openrouter/auto']);
    expect(models.filter(({ name, contextLength }) => name === undefined || !(contextLength! > 0))).toEqual([]);
    expect(models.filter(({ isFree }) => isFree).map(({ id }) => id)).toEqual(
      models.map(({ id }) => id).filter((id) => /:free$|^openrouter\/free$/.test(id)),
    );
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
  });
});

describe("the emulator's catalogue", () => {
  it("has the emulator's models with prices, and those that are added to them", async () => {
    const { pipeline, emulator } = await aStage({
      emulator: { catalogue: [SONNET, { id: 'scriptorium/exact', pricing: { prompt: '0.5', completion: '1' } }] },
    });
    const byId = new Map((await pipeline.models()).map((model) => [model.id, model]));
    expect(byId.get('scriptorium/exact')?.price).toEqual({ prompt: '0.5', completion: '1' });
    expect(byId.get('scriptorium/exact:free')).toMatchObject({
      isFree: true,
      contextLength: 1_000_000,
      maxOutputTokens: 250_000,
      capabilities: { reasoning: true, tools: false },
    });
    expect(byId.get('x/sonnet')?.price?.overrides).toHaveLength(2);
    expect(emulator.lookUps).toEqual(['GET /models']);
  });
});
