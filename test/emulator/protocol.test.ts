import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Emulator } from '../../src/emulator/emulator.js';
import { anEmulator, closeAll, complete, getJson, post, stream, user } from './client.js';

const messages = [user('Write a chapter about the sea.')];
const model = 'scriptorium/moby-dick';
const paid = 'scriptorium/embedded-ngram';
let emulator: Emulator;
beforeAll(async () => {
  emulator = await anEmulator({ apiKey: 'sk-or-v1-test' });
});
beforeEach(() => emulator.clear());
afterAll(closeAll);

describe('the account', () => {
  it('is told to a management key with its credits, and to no other', async () => {
    const own = await anEmulator({ apiKey: 'sk-or-v1-test', managementKey: 'sk-or-v1-managing', totalCredits: 3 });
    const ask = async (key: string) => {
      const response = await fetch(`${own.url}/credits`, { headers: { authorization: `Bearer ${key}` } });
      return [response.status, await response.json()];
    };
    expect(await ask('sk-or-v1-managing')).toEqual([200, { data: { total_credits: 3, total_usage: 0 } }]);
    expect(await ask('sk-or-v1-test')).toMatchObject([
      403,
      { error: { code: 403, metadata: { error_type: 'permission_denied' } } },
    ]);
    expect(await ask('another')).toMatchObject([401, {}]);
    expect(own.lookUps).toEqual(['GET /credits', 'GET /credits', 'GET /credits']);
    own.clear();
    expect(own.lookUps).toEqual([]);
  });
});

describe('a completion', () => {
  it('comes in the shape of the protocol as JSON', async () => {
    const response = await post(emulator, { messages });
    const body = (await response.json()) as object;
    const [request] = emulator.requests;
    expect(response.headers.get('x-generation-id')).toBe(request?.id);
    expect(body).toMatchObject({
      id: request?.id,
      object: 'chat.completion',
      model,
      provider: 'Scriptorium emulator',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
          message: { role: 'assistant', content: emulator.textFor({ messages }), refusal: null },
        },
      ],
    });
  });

  it('comes in the shape of the protocol as a stream', async () => {
    const response = await post(emulator, { messages, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-generation-id')).toMatch(/^gen-\d{10}-\w{20}$/);
    const raw = await response.text();
    expect(raw.startsWith(': OPENROUTER PROCESSING\n\ndata: {')).toBe(true);
    expect(raw.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
    const { chunks } = await stream(emulator, { messages });
    const id = emulator.requests[1]?.id;
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        id,
        object: 'chat.completion.chunk',
        model,
        provider: 'Scriptorium emulator',
        choices: [{ index: 0, delta: { role: 'assistant' } }],
      });
      expect(typeof chunk.choices?.[0]?.delta?.content).toBe('string');
    }
    expect(chunks[0]?.choices?.[0]).toMatchObject({ finish_reason: null, native_finish_reason: null });
    expect(chunks.slice(-2).map((chunk) => [chunk.choices?.[0]?.finish_reason, chunk.usage !== undefined])).toEqual([
      ['stop', false],
      ['stop', true],
    ]);
  });

  it('has the same text and usage in both', async () => {
    for (const rest of [{}, { max_tokens: 50 }, { reasoning: { effort: 'low' } }]) {
      const whole = await complete(emulator, { messages, ...rest });
      const { text, chunks } = await stream(emulator, { messages, ...rest });
      expect(text).toBe(whole.choices?.[0]?.message?.content);
      expect(chunks.at(-1)?.usage).toEqual(whole.usage);
      expect(chunks.at(-1)?.choices?.[0]?.finish_reason).toBe(whole.choices?.[0]?.finish_reason);
    }
  });

  it.each(['max_tokens', 'max_completion_tokens'])('is cut by %s', async (cap) => {
    const { text, chunks } = await stream(emulator, { messages, [cap]: 30 });
    expect(emulator.textFor({ messages }).startsWith(text)).toBe(true);
    expect(chunks).toHaveLength(32);
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'length', native_finish_reason: 'max_tokens' }],
      usage: { completion_tokens: 30 },
    });
  });

  it('costs what the catalogue says', async () => {
    const { usage } = await complete(emulator, { messages, model: paid });
    const { body } = await getJson(emulator, '/models');
    const { pricing } = (body as { data: { id: string; pricing: { prompt: string; completion: string } }[] }).data.find(
      ({ id }) => id === paid,
    )!;
    expect(usage!.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens);
    expect(usage!.cost).toBeCloseTo(
      usage!.prompt_tokens * Number(pricing.prompt) + usage!.completion_tokens * Number(pricing.completion),
      12,
    );
    expect(usage!.cost).toBeGreaterThan(0);
    expect((await complete(emulator, { messages, model: `${paid}:free` })).usage?.cost).toBe(0);
    expect((await complete(emulator, { messages })).usage?.cost).toBe(0);
    expect(usage).toMatchObject({
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
      cost_details: { upstream_inference_cost: usage!.cost },
    });
  });

  it('thinks first when it is asked to, within the cap', async () => {
    const { text, chunks } = await stream(emulator, { messages, reasoning: { effort: 'low' } });
    const thoughts = chunks.filter((chunk) => chunk.choices?.[0]?.delta?.reasoning_details);
    expect(thoughts).toHaveLength(17);
    expect(chunks.slice(0, 17)).toEqual(thoughts);
    expect(thoughts.at(-1)?.choices?.[0]?.delta?.reasoning_details?.[0]).toMatchObject({
      type: 'reasoning.text',
      signature: expect.any(String) as unknown,
    });
    expect(text).toBe(emulator.textFor({ messages }));
    expect(chunks.at(-1)?.usage?.completion_tokens_details.reasoning_tokens).toBe(16);
    const hidden = await complete(emulator, {
      messages,
      reasoning: { max_tokens: 20, exclude: true },
      max_tokens: 100,
    });
    expect(hidden.choices?.[0]?.message?.reasoning).toBeUndefined();
    expect(hidden.usage).toMatchObject({ completion_tokens: 100, completion_tokens_details: { reasoning_tokens: 20 } });
    expect(
      (await complete(emulator, { messages, reasoning: { effort: 'none' } })).usage?.completion_tokens_details
        .reasoning_tokens,
    ).toBe(0);
  });

  it('groups tokens into deltas, keeps the pace, and fills silences with comments', async () => {
    const slow = await anEmulator({ tokensPerSecond: 200, tokensPerDelta: 10, keepAliveMs: 15 });
    const startedAt = performance.now();
    const { raw, text, chunks } = await stream(slow, { messages, max_tokens: 40 });
    expect(performance.now() - startedAt).toBeGreaterThan(140);
    expect(chunks).toHaveLength(6);
    expect(raw).toMatch(/^data: \{.*\}\n\n: OPENROUTER PROCESSING\n\n/mu);
    expect(slow.textFor({ messages }).startsWith(text)).toBe(true);
  });
});

describe('a bad request', () => {
  it('without the key is a 401', async () => {
    for (const authorization of ['', 'Basic sk-or-v1-test', 'Bearer wrong']) {
      const response = await post(emulator, { messages }, { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        error: { code: 401, message: expect.any(String) as unknown, metadata: { error_type: 'authentication' } },
      });
    }
    expect((await getJson(emulator, '/key', {})).status).toBe(401);
    expect((await getJson(emulator, '/generation?id=x', {})).status).toBe(401);
    expect((await getJson(emulator, '/models', {})).status).toBe(200);
  });

  it.each(['{"messages"', '[]', '{}', { messages: [] }, { messages: ['x'] }, { messages, max_tokens: -1 }])(
    'is a 400: %j',
    async (body) => {
      const response = await post(emulator, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: 400, metadata: { error_type: 'invalid_request' } },
      });
      expect(emulator.requests[0]).toMatchObject({ outcome: 'completed', status: 400, usage: undefined });
    },
  );

  it('whose body is larger than 32 MB is a 413, and the connection stays', async () => {
    const response = await post(emulator, JSON.stringify({ messages, padding: 'x'.repeat(33 * 1024 * 1024) }));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      error: { code: 413, metadata: { error_type: 'payload_too_large' } },
    });
    expect(emulator.requests[0]).toMatchObject({ outcome: 'completed', status: 413, body: undefined });
  });

  it('for unknown models says so, and takes the first known one of several', async () => {
    const { error } = await complete(emulator, { messages, model: 'scriptorium/gpt-9' });
    expect(error).toMatchObject({
      code: 400,
      message: 'scriptorium/gpt-9 is not a valid model ID',
      availability: { code: 'model_not_found', retryable: false },
    });
    expect(
      (await complete(emulator, { messages, model: 'scriptorium/gpt-9', models: ['scriptorium/exact-500'] })).model,
    ).toBe('scriptorium/exact-500');
    expect(() => emulator.textFor({ model: 'scriptorium/gpt-9', messages })).toThrow(
      'No model "scriptorium/gpt-9"; known: scriptorium/moby-dick, scriptorium/embedded-ngram',
    );
  });

  it('plays the models of other vendors with its own', async () => {
    const foreign = 'qwen/qwen2.5-vl-72b-instruct:free';
    const text = emulator.textFor({ model: foreign, messages });
    expect(await complete(emulator, { messages, model: foreign })).toMatchObject({
      model: foreign,
      choices: [{ message: { content: text } }],
    });
  });

  it.each(['/nothing', '/chat/completions', '//', '/../..'])('elsewhere is a 404: GET %s', async (path) => {
    expect(await getJson(emulator, path)).toMatchObject({ status: 404, body: { error: { code: 404 } } });
  });
});

describe('the catalogue and the accounts', () => {
  it('list the models with decimal prices', async () => {
    const { body } = await getJson(emulator, '/models');
    expect(body).toMatchObject({ total_count: 20 });
    expect((body as { data: object[] }).data[0]).toMatchObject({
      id: model,
      pricing: { prompt: '0', completion: '0' },
    });
    expect((body as { data: object[] }).data[2]).toMatchObject({
      id: paid,
      pricing: { prompt: '0.000001', completion: '0.000004' },
      architecture: { output_modalities: ['text'] },
    });
    expect((body as { data: object[] }).data[3]).toMatchObject({
      id: `${paid}:free`,
      pricing: { prompt: '0', completion: '0' },
    });
  });

  it('tell what the key has used', async () => {
    const account = await anEmulator({ freeModelDailyRequests: { used: 47 } });
    await complete(account, { messages, model: 'scriptorium/exact:free' });
    await complete(account, { messages });
    expect((await getJson(account, '/key')).body).toMatchObject({
      data: {
        usage: account.requests[1]!.cost,
        limit_remaining: null,
        free_model_daily_requests: { used: 48, limit: 50, remaining: 2 },
      },
    });
  });

  it('keep a record of every generation', async () => {
    const { id, usage } = await complete(emulator, { messages });
    expect(await getJson(emulator, `/generation?id=${id!}`)).toMatchObject({
      status: 200,
      body: {
        data: {
          id,
          model,
          cancelled: false,
          streamed: false,
          finish_reason: 'stop',
          total_cost: usage!.cost,
          tokens_completion: usage!.completion_tokens,
        },
      },
    });
    expect((await getJson(emulator, '/generation?id=gen-0')).status).toBe(404);
  });
});

describe('the log', () => {
  it('holds what was asked and what was sent, without the key', async () => {
    const before = Date.now();
    const { text, chunks } = await stream(
      emulator,
      { messages, custom: { field: 1 } },
      { headers: { authorization: 'Bearer sk-or-v1-test', 'x-title': 'Test' } },
    );
    const [request] = emulator.requests;
    expect(request).toMatchObject({
      body: { messages, custom: { field: 1 }, stream: true },
      model,
      stream: true,
      outcome: 'completed',
      status: 200,
      text,
      finishReason: 'stop',
      usage: chunks.at(-1)?.usage,
      usageSent: true,
      cost: chunks.at(-1)?.usage?.cost,
      fault: undefined,
    });
    expect(request!.headers).toMatchObject({ 'x-title': 'Test', authorization: '[redacted]' });
    expect(JSON.stringify(emulator.requests)).not.toContain('sk-or-v1-test');
    expect(request!.arrivedAt).toBeGreaterThanOrEqual(before);
    expect(request!.closedAt).toBeGreaterThanOrEqual(request!.arrivedAt);
    emulator.clear();
    expect(emulator.requests).toHaveLength(0);
  });
});
