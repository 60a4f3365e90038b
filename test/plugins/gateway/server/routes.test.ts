import { describe, expect, it } from '@jest/globals';
import { memoryStateStore } from 'scriptorium';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { CANARY } from '../../../support/pipelines.js';
import { served } from './served.js';

const json = async (answer: Promise<Response>) => (await (await answer).json()) as Record<string, unknown>;

describe('the list of models', () => {
  it('is what clients of OpenAI and of OpenRouter read, and has only the models that the policy allows', async () => {
    const { url } = await served({ policy: { models: ['scriptorium/exact'] } });
    const list = await json(fetch(`${url}/v1/models`));
    expect(list).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'scriptorium/exact',
          object: 'model',
          owned_by: 'scriptorium',
          created: expect.any(Number),
          name: expect.any(String),
          context_length: expect.any(Number),
          pricing: { prompt: expect.any(String), completion: expect.any(String) },
        },
      ],
    });
    expect(await json(fetch(`${url}/api/v1/models`))).toEqual(list);
    expect(await json(fetch(`${url}/with/book=ada/v1/models`))).toEqual(list);
  });
});

describe('the key and the record of an answer', () => {
  it('come from the vendor, without a piece of its key', async () => {
    const { url } = await served();
    const text = await (await fetch(`${url}/api/v1/key`)).text();
    expect(JSON.parse(text)).toMatchObject({ data: { label: 'local', usage: 0, is_free_tier: false } });
    expect(text).not.toContain(CANARY.slice(0, 12));
  });

  it('are those of the answer with this id; an id is needed', async () => {
    const { url } = await served();
    const chat = await json(
      fetch(`${url}/api/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"messages":[{"role":"user","content":"Begin."}]}',
      }),
    );
    const { data } = await json(fetch(`${url}/api/v1/generation?id=${String(chat.id)}`));
    expect(data).toMatchObject({ id: chat.id, model: 'scriptorium/exact', finish_reason: 'stop' });
    const without = await fetch(`${url}/api/v1/generation`);
    expect({ status: without.status, body: await without.json() }).toMatchObject({
      status: 400,
      body: { error: { message: 'The id is missing. Send it as ?id=, as the answer had it.', code: 400 } },
    });
  });
});

describe("the endpoint of BookGen's service", () => {
  const STATS = {
    requests: 1,
    successful_requests: 1,
    failed_requests: 0,
    total_tokens: expect.any(Number),
    total_prompt_tokens: expect.any(Number),
    total_completion_tokens: expect.any(Number),
    total_cost: expect.any(Number),
    errors: [],
    start_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    uptime_seconds: expect.any(Number),
    success_rate: 1,
  };

  it.each([
    ['in the query', '?prompt=Begin.', undefined],
    ['as JSON', '', '{"prompt":"Begin."}'],
  ])('answers a prompt %s with the text and the totals', async (_, query, body) => {
    const { url, emulator } = await served();
    const answer = await json(
      fetch(`${url}/generate${query}`, {
        method: 'POST',
        ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
      }),
    );
    const [request] = emulator.requests;
    expect(answer).toEqual({ content: request?.text, stats: STATS });
    expect(request?.body).toMatchObject({ messages: [{ role: 'user', content: 'Begin.' }] });
  });

  it('answers a failure with 500 and its detail, and counts it', async () => {
    const { url, emulator } = await served();
    emulator.script({ status: 403 });
    const answer = await fetch(`${url}/generate?prompt=Begin.`, { method: 'POST' });
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 500,
      body: { detail: expect.stringMatching(/403|refuse|permission|moderat/i) },
    });
    const { stats } = await json(fetch(`${url}/generate?prompt=Begin.`, { method: 'POST' }));
    expect(stats).toMatchObject({
      requests: 2,
      failed_requests: 1,
      success_rate: 0.5,
      errors: [{ timestamp: expect.stringMatching(/Z$/), error: expect.any(String) }],
    });
  });

  it('takes the prompt of the query beside an empty body that is declared as JSON', async () => {
    const { url, emulator } = await served();
    const headers = { 'content-type': 'application/json' };
    const { content } = await json(fetch(`${url}/generate?prompt=Begin.`, { method: 'POST', headers }));
    expect({ content, asked: emulator.requests.length }).toEqual({ content: expect.stringMatching(/\w/), asked: 1 });
  });

  it('refuses a request without a prompt with 422, and asks nobody', async () => {
    const { url, emulator } = await served();
    const answer = await fetch(`${url}/generate`, { method: 'POST' });
    expect({ status: answer.status, body: await answer.json(), requests: emulator.requests.length }).toEqual({
      status: 422,
      body: { detail: 'The prompt is missing. Send it in the query, as ?prompt=…, or as JSON: {"prompt": "…"}.' },
      requests: 0,
    });
  });

  it("counts against the limits of the client's key", async () => {
    const keys = memoryStateStore();
    const key = await keyStore(keys).add({ name: 'ada', policy: 'poor', now: 0 });
    const { url, emulator } = await served({
      keys,
      policies: { poor: { maxWaitMs: 0, limits: { requestsPerMinute: 1 } } },
    });
    const ask = () =>
      fetch(`${url}/generate?prompt=Begin.`, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);
    const tooSoon = await ask();
    expect({ status: tooSoon.status, wait: tooSoon.headers.has('retry-after') }).toEqual({ status: 429, wait: true });
    expect(emulator.requests).toHaveLength(1);
  });
});

describe('the description of the gateway', () => {
  it('has every route, and the fields of a chat', async () => {
    const { url } = await served();
    const { paths } = (await json(fetch(`${url}/openapi.json`))) as { paths: Record<string, Record<string, object>> };
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/healthz',
        '/readyz',
        '/v1/models',
        '/api/v1/models',
        '/api/v1/key',
        '/api/v1/generation',
        '/generate',
        '/v1/chat/completions',
        '/api/v1/chat/completions',
        '/chat/completions',
      ]),
    );
    const hidden = Object.keys(paths).filter((path) => path.startsWith('/with/') || ['/', '/events'].includes(path));
    expect(hidden).toEqual([]);
    expect(paths['/v1/chat/completions']?.post).toMatchObject({
      requestBody: {
        content: {
          'application/json': { schema: { required: ['messages'], properties: { model: { type: 'string' } } } },
        },
      },
    });
  });
});

describe('the endpoints of plugins', () => {
  it('are answered to those who may watch, and are in the description', async () => {
    const keys = memoryStateStore();
    const [ada, bob] = [
      await keyStore(keys).add({ name: 'ada', policy: 'watching', now: 0 }),
      await keyStore(keys).add({ name: 'bob', now: 0 }),
    ];
    const { url } = await served({
      keys,
      policies: { watching: { watch: true } },
      plugins: [prometheus({ listen: false })],
    });
    const ask = (key: string) => fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    const answer = await ask(ada);
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status: 200,
      type: expect.stringContaining('text/plain'),
    });
    expect(await answer.text()).toContain('scriptorium_requests_in_flight');
    expect({ other: (await ask(bob)).status, none: (await fetch(`${url}/metrics`)).status }).toEqual({
      other: 403,
      none: 401,
    });
    const { paths } = (await json(fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer ${bob}` } }))) as {
      paths: object;
    };
    expect(Object.keys(paths)).toContain('/metrics');
  });
});

describe('the metrics', () => {
  it('are answered by the handler that the gateway was given, and are an unknown path without one', async () => {
    const { url } = await served({ metrics: (_, response) => void response.end('scriptorium_up 1\n') });
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('scriptorium_up 1\n');
    const without = await served();
    expect((await fetch(`${without.url}/metrics`)).status).toBe(404);
  });
});
