import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, createPipeline } from 'scriptorium';
import type { ConfigInput, Pipeline } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { aRequest, providerOf, startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { scriptServer } from '../../support/script-server.js';
import type { ScriptServer, Step } from '../../support/script-server.js';
import { failureOf, textOf } from '../../support/pipelines.js';
import { success } from '../../support/scene.js';
import { answers, chunk, delta, DONE, finish, refuses, SSE_HEAD, whole } from '../../support/wire.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function emulator(...options: Parameters<typeof startEmulator>): Promise<Emulator> {
  const started = await startEmulator(...options);
  open.push(started);
  return started;
}

async function server(...scripts: readonly (readonly Step[])[]): Promise<ScriptServer> {
  const started = await scriptServer(...scripts);
  open.push(started);
  return started;
}

async function pipelineOf(
  plugins: readonly Plugin[],
  config: ConfigInput = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<Pipeline> {
  const pipeline = await createPipeline({
    plugins: [...plugins],
    environment,
    config: { logging: { level: 'silent' }, retry: { baseMs: 1, capMs: 5 }, ...config },
  });
  open.push({ close: () => pipeline.dispose() });
  return pipeline;
}

const bodyOf = (request: string): Record<string, unknown> =>
  JSON.parse(request.slice(request.indexOf('\r\n\r\n'))) as Record<string, unknown>;
/** Gives these texts and then breaks off. */
const breaks = (...texts: readonly string[]): readonly Step[] => [
  { request: true },
  { write: SSE_HEAD },
  { write: chunk(texts.map(delta).join('')) },
  { rst: true },
];

describe('several instances', () => {
  it('stand side by side, each with its preset, its key and its address', async () => {
    const [one, other] = [await emulator({ apiKey: 'key-one' }), await emulator({ apiKey: 'key-two' })];
    const pipeline = await pipelineOf(
      [
        openaiCompatible({ preset: 'groq', baseUrl: one.url, apiKey: 'key-one' }),
        openaiCompatible({ id: 'local', preset: 'vllm', baseUrl: other.url, apiKey: 'key-two' }),
      ],
      { defaults: { model: 'scriptorium/exact', maxTokens: 50 } },
    );
    const answered = [
      await pipeline.generate({ prompt: 'Begin.', provider: 'groq' }),
      await pipeline.generate({ prompt: 'Begin.', provider: 'local', topK: 5 }),
    ];
    expect(answered.map(({ provider, usage }) => [provider, usage.source])).toEqual([
      ['groq', 'reported'],
      ['local', 'reported'],
    ]);
    expect(one.requests.map(({ body }) => body)).toMatchObject([{ max_completion_tokens: 50 }]);
    expect(other.requests.map(({ body }) => body)).toMatchObject([
      { max_tokens: 50, top_k: 5, stream_options: { include_usage: true } },
    ]);
  });

  it('have limits of their own, one for each account, whose name does not hold the key', async () => {
    const keys = async (id: string, apiKey: string) =>
      (await providerOf(openaiCompatible({ id, preset: 'groq', apiKey }))).limitKeys!(aRequest()).map(({ key }) => key);
    const all = [...(await keys('one', 'k1')), ...(await keys('two', 'k1')), ...(await keys('one', 'k2'))];
    expect(new Set(all).size).toBe(3);
    expect(await keys('one', 'k1')).toEqual([all[0]]);
    expect(all.join()).not.toMatch(/k[12]/);
  });

  it('take over from each other in the middle of a text: the second goes on at the very character', async () => {
    const first = await server(breaks('Once ', 'upo'), breaks('n '), refuses('503 Busy'));
    const second = await server([
      { request: true },
      { write: SSE_HEAD },
      { write: chunk(delta('Once upon') + delta(' a time.') + finish() + DONE) },
      { fin: true },
    ]);
    const pipeline = await pipelineOf(
      [
        openaiCompatible({ preset: 'vllm', baseUrl: first.url }),
        openaiCompatible({ preset: 'mistral', baseUrl: second.url, apiKey: 'k' }),
      ],
      {
        defaults: { provider: 'vllm', model: 'a/model' },
        routes: [{ provider: 'mistral', model: 'mistral-large-latest' }],
      },
    );
    const { text, events, end } = await success(pipeline);
    expect(text).toBe('Once upon a time.');
    expect(events.flatMap((event) => (event.type === 'continuation' ? [event.provider] : []))).toEqual([
      'vllm',
      'mistral',
    ]);
    expect(end.provider).toBe('mistral');
    expect(first.requests.slice(1, 2).map(bodyOf)).toMatchObject([
      {
        continue_final_message: true,
        add_generation_prompt: false,
        messages: [{}, { role: 'assistant', content: 'Once upo' }],
      },
    ]);
    expect(bodyOf(second.requests[0]!)).toMatchObject({
      model: 'mistral-large-latest',
      messages: [{}, { role: 'assistant', content: 'Once upon', prefix: true }],
    });
  });

  it('take over by instruction too, where the models cannot be begun', async () => {
    const first = await server(breaks('Once upon a time '), breaks(' there lived '), refuses('503 Busy'));
    const second = await server(answers('Once upon a time there lived a king.'));
    const pipeline = await pipelineOf(
      [
        openaiCompatible({ preset: 'vllm', baseUrl: first.url }),
        openaiCompatible({ preset: 'openai', baseUrl: second.url, apiKey: 'k' }),
      ],
      { defaults: { provider: 'vllm', model: 'a/model' }, routes: [{ provider: 'openai', model: 'gpt-4.1' }] },
    );
    const { text } = await success(pipeline);
    expect(text).toBe('Once upon a time there lived a king.');
    expect(bodyOf(second.requests[0]!).messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      { role: 'user' },
    ]);
  });

  it('of llama.cpp whose model thinks first, and so refuses to be begun, are told instead', async () => {
    const refusal = {
      error: {
        code: 400,
        message: 'Assistant response prefill is incompatible with enable_thinking.',
        type: 'invalid_request_error',
      },
    };
    const llama = await server(
      breaks('Once upon a time there lived, in a land far away, an old '),
      refuses('400 Bad Request', refusal),
      answers('land far away, an old king.'),
    );
    const { text } = await success(
      await pipelineOf([openaiCompatible({ preset: 'llama-cpp', baseUrl: llama.url })], {
        defaults: { model: 'a/model' },
      }),
    );
    expect(text).toBe('Once upon a time there lived, in a land far away, an old king.');
    expect(
      llama.requests.map(bodyOf).map(({ messages }) => (messages as { role: string }[]).map(({ role }) => role)),
    ).toEqual([['user'], ['user', 'assistant'], ['user', 'assistant', 'user']]);
  });
});

describe('a server on this machine', () => {
  it('needs no key, and gets none', async () => {
    const ollama = await server(answers('Hello.'));
    const pipeline = await pipelineOf([openaiCompatible({ preset: 'ollama', baseUrl: ollama.url })], {
      defaults: { model: 'llama3.2' },
    });
    const { text, usage } = await pipeline.generate({ prompt: 'Begin.' });
    expect([text, usage.source]).toEqual(['Hello.', 'reported']);
    expect(ollama.requests[0]).not.toMatch(/authorization/i);
  });

  it("fails with Ollama's reason", async () => {
    const ollama = await server(refuses('404 Not Found', { error: 'model "x" not found, try pulling it first' }));
    const pipeline = await pipelineOf([openaiCompatible({ preset: 'ollama', baseUrl: ollama.url })], {
      defaults: { model: 'x' },
    });
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('try pulling it first'),
    });
  });
});

describe('a spent quota', () => {
  it('is not waited for, and the next instance answers', async () => {
    const openai = await server(
      refuses('429 Too Many Requests', {
        error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' },
      }),
    );
    const local = await server(answers('Hello.'));
    const pipeline = await pipelineOf(
      [
        openaiCompatible({ preset: 'openai', baseUrl: openai.url, apiKey: 'k' }),
        openaiCompatible({ preset: 'ollama', baseUrl: local.url }),
      ],
      { defaults: { provider: 'openai', model: 'gpt-4.1' }, routes: [{ provider: 'ollama', model: 'llama3.2' }] },
    );
    const { text, events } = await success(pipeline);
    expect([text, textOf(events)]).toEqual(['Hello.', 'Hello.']);
    expect(openai.requests).toHaveLength(1);
  });
});

describe('the models of a server', () => {
  const listed = async (json: unknown, preset = 'vllm' as const) => {
    const asked = await server([{ request: true }, { write: whole(JSON.stringify(json)) }]);
    const models = await (await pipelineOf([openaiCompatible({ preset, baseUrl: asked.url })])).models();
    return { models, request: asked.requests[0]! };
  };

  it('are read from its list, with the length of their context by any of its names', async () => {
    const data_ = [
      { id: 'a', max_model_len: 8192 },
      { id: 'b', context_window: 131_072, max_completion_tokens: 32_768 },
      { id: 'c', context_length: 4096, display_name: 'C' },
      { id: 'd', max_context_length: 1 },
      { object: 'model' },
      7,
    ];
    const { models, request } = await listed({ object: 'list', data: data_ });
    expect(request).toMatch(/^GET \/api\/v1\/models HTTP/);
    expect(models).toEqual([
      { id: 'a', contextLength: 8192 },
      { id: 'b', contextLength: 131_072, maxOutputTokens: 32_768 },
      { id: 'c', name: 'C', contextLength: 4096 },
      { id: 'd', contextLength: 1 },
    ]);
  });

  it('may be a bare list', async () => {
    expect((await listed([{ id: 'a' }])).models).toEqual([{ id: 'a' }]);
  });

  it('are missing where the address is wrong, which the error says', async () => {
    const asked = await server(refuses('404 Not Found', { detail: 'Not Found' }));
    expect(
      await failureOf((await pipelineOf([openaiCompatible({ preset: 'vllm', baseUrl: asked.url })])).models()),
    ).toMatchObject({
      code: 'not-found',
      message:
        'vllm answered 404: Not Found. Check the base URL (plugins.vllm.baseUrl, which comes from the options of vllm()), and any proxy before the server.',
    });
  });
});

describe('the configuration', () => {
  const idOf = async (plugin: Plugin, config = {}, environment = {}) =>
    (await providerOf(plugin, config, environment)).id;

  it("takes the key of a preset from its usual variable, for the instance that bears the preset's name", async () => {
    const environment = { GROQ_API_KEY: 'k' };
    expect(await idOf(openaiCompatible({ preset: 'groq' }), {}, environment)).toBe('groq');
    expect(
      await idOf(openaiCompatible({ preset: 'groq', id: 'second' }), {}, { SCRIPTORIUM_PLUGINS_SECOND_API_KEY: 'k' }),
    ).toBe('second');
    await expect(idOf(openaiCompatible({ preset: 'groq', id: 'second' }), {}, environment)).rejects.toThrow(
      'plugins.second.apiKey (The key; servers on your own machine need none) is required: set SCRIPTORIUM_PLUGINS_SECOND_API_KEY.',
    );
  });

  it('may name the preset, which brings no key with it', async () => {
    expect(await idOf(openaiCompatible(), { preset: 'groq', apiKey: 'k' })).toBe('openai-compatible');
    await expect(idOf(openaiCompatible(), { preset: 'groq' }, { GROQ_API_KEY: 'k' })).rejects.toThrow(
      'plugins.openai-compatible.apiKey is required for the preset "groq".',
    );
  });

  it("cannot send one vendor's key to another", async () => {
    await expect(
      idOf(openaiCompatible({ preset: 'groq' }), { preset: 'openai' }, { GROQ_API_KEY: 'k' }),
    ).rejects.toThrow(/plugins\.groq\.preset is "openai", but the plugin was made for "groq", whose key it may hold/);
  });

  it('needs an address where the preset has none', async () => {
    await expect(idOf(openaiCompatible())).rejects.toThrow(
      'plugins.openai-compatible.baseUrl is required for the preset "generic"',
    );
  });

  it.each(['authorization', 'Host', 'content-length', 'with blank', 'a:b', ''])(
    'refuses the header "%s"',
    async (name) => {
      await expect(idOf(openaiCompatible({ preset: 'ollama' }), { headers: { [name]: 'x' } })).rejects.toThrow(
        ConfigError,
      );
    },
  );

  it('refuses an unknown preset, naming those there are', async () => {
    await expect(idOf(openaiCompatible(), { preset: 'opnai' })).rejects.toThrow(
      /plugins\.openai-compatible\.preset \(from the program\) is "opnai", but must be one of "generic", "openai", "groq"/,
    );
  });
});
