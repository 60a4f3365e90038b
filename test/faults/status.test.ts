import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ApiError, GenerationError, RateLimitError, RetryExhaustedError } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { CANARY } from '../support/pipelines.js';
import { aScene, failure, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { inScene, inWorld, LATENCY_MS, replies, streams } from '../support/simulated-scene.js';
import { answers, chunk, head, refuses, whole } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const HTML = `<html><head><title>Bad gateway</title></head><body>${'<p>nginx</p>'.repeat(50)}</body></html>`;
const answering = (response: string): readonly Step[] => [{ request: true }, { write: response }];
const page = (status: string): readonly Step[] => answering(whole(HTML, ['content-type: text/html'], status));
const errorIn200 = (error: unknown): readonly Step[] => answering(whole(JSON.stringify({ error, user_id: 'user_1' })));

interface Refusal {
  readonly rows: string;
  readonly fault: string;
  readonly script: readonly Step[];
  readonly code: string;
  readonly status?: number;
}

const TRANSIENT: readonly Refusal[] = [
  { rows: '15', fault: 'a 204', script: answering(head('204 No Content', [])), code: 'empty-answer', status: 204 },
  { rows: '15', fault: 'an empty 200', script: answering(whole('')), code: 'empty-answer', status: 200 },
  {
    rows: '15',
    fault: 'an empty stream',
    script: answering(whole('', ['content-type: text/event-stream'])),
    code: 'empty-answer',
  },
  {
    rows: '16',
    fault: 'a 200 with a transient error in its JSON',
    script: errorIn200({ code: 502, message: 'upstream down' }),
    code: 'server-error',
    status: 502,
  },
  {
    rows: '16',
    fault: 'a 200 with an error whose code is a word',
    script: errorIn200({ code: 'server_error', message: 'upstream down' }),
    code: 'server-error',
    status: 502,
  },
  {
    rows: '16',
    fault: 'a 200 with an error in the choice',
    script: answering(
      whole(JSON.stringify({ choices: [{ finish_reason: 'error', error: { code: 503, message: 'overloaded' } }] })),
    ),
    code: 'overloaded',
    status: 503,
  },
  { rows: '18', fault: 'a 200 with a page', script: page('200 OK'), code: 'unexpected-content', status: 200 },
  { rows: '19', fault: 'a 502 with a page', script: page('502 Bad Gateway'), code: 'server-error', status: 502 },
  { rows: '19', fault: 'a 503 with a page', script: page('503 Service Unavailable'), code: 'overloaded', status: 503 },
  { rows: '19', fault: 'a 504 with a page', script: page('504 Gateway Timeout'), code: 'server-error', status: 504 },
  {
    rows: '20',
    fault: 'a 500 with JSON',
    script: refuses('500 Internal Server Error'),
    code: 'server-error',
    status: 500,
  },
  { rows: '33', fault: 'a 408', script: refuses('408 Request Timeout'), code: 'server-error', status: 408 },
  { rows: '33', fault: 'a 409', script: refuses('409 Conflict'), code: 'server-error', status: 409 },
  { rows: '33', fault: 'a 425', script: refuses('425 Too Early'), code: 'server-error', status: 425 },
  {
    rows: '25',
    fault: 'a 429 without a hint',
    script: refuses('429 Too Many Requests'),
    code: 'rate-limit',
    status: 429,
  },
  ...['soon', '-5', '0', 'never 2099', ''].map((value) => ({
    rows: '26',
    fault: `a 429 with "Retry-After: ${value}"`,
    code: 'rate-limit',
    status: 429,
    script: refuses('429 Too Many Requests', undefined, [`retry-after: ${value}`]),
  })),
];

describe('a transient failure', () => {
  it.each(TRANSIENT)('$rows: $fault is tried again', async ({ script, code, status }) => {
    const { server, pipeline } = await aScene([script, GOOD]);
    const { text, tries, end } = await success(pipeline);
    expect({ text, tries, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      tries: [code, 'ok'],
      requests: 2,
    });
    expect(end.attempts?.[0]?.status).toBe(status);
  });

  it('25: a rate limit that outlasts all attempts is a RateLimitError', async () => {
    const { server, pipeline } = await aScene([refuses('429 Too Many Requests')]);
    const { error, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ code: 'rate-limit', status: 429 });
    expect({ tries, requests: server.requests.length, retryAt: error.retryAt }).toEqual({
      tries: Array(4).fill('rate-limit'),
      requests: 4,
      retryAt: undefined,
    });
  });

  it('20: a server error that outlasts all attempts is a RetryExhaustedError about the last one', async () => {
    const { server, pipeline } = await aScene(
      [refuses('500 Internal Server Error'), refuses('503 Service Unavailable')],
      { config: { retry: { maxAttempts: 3 } } },
    );
    const { error, cause, tries } = await failure(pipeline);
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(cause).toBeInstanceOf(ApiError);
    expect({ tries, status: error.status, code: cause?.code, requests: server.requests.length }).toEqual({
      tries: ['server-error', 'overloaded', 'overloaded'],
      status: 503,
      code: 'overloaded',
      requests: 3,
    });
  });

  it('18: a page where an answer should be is tried again only once, and quoted in 200 characters without the key', async () => {
    const { server, pipeline } = await aScene([
      answering(whole(`<html>${CANARY} ${'x'.repeat(5_000)}</html>`, ['content-type: text/html'])),
    ]);
    const { error } = await failure(pipeline);
    expect({ code: error.code, requests: server.requests.length }).toEqual({ code: 'unexpected-content', requests: 2 });
    expect(error.message).toContain('<html>');
    expect(error.message).not.toContain(CANARY);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('a wait that the server asks for', () => {
  it.each([
    ['Retry-After', { 'retry-after': '1' }, undefined, 1_000],
    ['retry-after-ms, which beats Retry-After', { 'retry-after': '60', 'retry-after-ms': '120' }, undefined, 120],
    [
      'availability.retry_after',
      {},
      {
        error: {
          code: 503,
          message: 'busy',
          availability: { code: 'temporarily_unavailable', retryable: true, retry_after: 0.12 },
        },
      },
      120,
    ],
  ])('25: is never shortened (%s)', (...[, headers, body, floorMs]) =>
    inWorld((world) =>
      inScene(
        world,
        { scripts: [replies(503, body, headers), streams('Once upon a time.')] },
        async ({ server, pipeline }) => {
          await success(pipeline);
          const waitedMs = server.arrivals[1]! - server.arrivals[0]! - 2 * LATENCY_MS;
          expect(waitedMs).toBeGreaterThanOrEqual(floorMs);
          expect(waitedMs).toBeLessThanOrEqual(floorMs * 1.1);
        },
      ),
    )(),
  );

  it(
    '27: is not waited out when it is a day: the call fails at once and says when',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [replies(429, undefined, { 'retry-after': '86400' })] },
        async ({ server, pipeline, process }) => {
          const { error, events } = await failure(pipeline);
          expect(error).toBeInstanceOf(RateLimitError);
          expect(error.retryAt).toBe(process.clock.now() + 86_400_000);
          expect(server.requests).toHaveLength(1);
          expect(events.map(({ type }) => type)).toEqual(['attempt-start']);
        },
      ),
    ),
  );
});

const FINAL: readonly Refusal[] = [
  {
    rows: '16',
    fault: 'a 200 with a final error in its JSON',
    script: errorIn200({ code: 400, message: 'bad' }),
    code: 'bad-request',
    status: 400,
  },
  { rows: '31', fault: 'a 401', script: refuses('401 Unauthorized'), code: 'authentication', status: 401 },
  { rows: '32', fault: 'a 400', script: refuses('400 Bad Request'), code: 'bad-request', status: 400 },
  { rows: '32', fault: 'a 402', script: refuses('402 Payment Required'), code: 'payment-required', status: 402 },
  { rows: '32', fault: 'a 403', script: refuses('403 Forbidden'), code: 'permission', status: 403 },
  { rows: '32', fault: 'a 404', script: refuses('404 Not Found'), code: 'not-found', status: 404 },
  { rows: '32', fault: 'a 413', script: refuses('413 Payload Too Large'), code: 'context-length', status: 413 },
  { rows: '32', fault: 'a 422', script: refuses('422 Unprocessable Entity'), code: 'bad-request', status: 422 },
  {
    rows: '32',
    fault: 'a prompt that is too long for the model',
    code: 'context-length',
    status: 400,
    script: refuses('400 Bad Request', {
      error: { code: 400, message: 'too long', metadata: { error_type: 'context_length_exceeded' } },
    }),
  },
];

describe('a final refusal', () => {
  it.each(FINAL)('$rows: $fault is not tried again', async ({ script, code, status }) => {
    const { server, pipeline } = await aScene([script, GOOD]);
    const { error, tries, text } = await failure(pipeline);
    expect({ code: error.code, status: error.status, retryable: error.retryable, tries, text }).toEqual({
      code,
      status,
      retryable: false,
      tries: [code],
      text: '',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('31: the key is in no part of the error, though the server repeats it', async () => {
    const { pipeline } = await aScene([
      refuses('401 Unauthorized', {
        error: { code: 401, message: `No such key ${CANARY}`, metadata: { raw: `{"message":"${CANARY}"}` } },
      }),
    ]);
    const { error } = await failure(pipeline);
    expect(error.message).toContain('Check plugins.openrouter.apiKey, which comes from createPipeline({ config }).');
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain(CANARY);
  });
});

describe('an error body', () => {
  const ENDLESS = [
    { request: true },
    { write: head('500 Internal Server Error', ['content-type: text/plain']) },
    { flood: 'no '.repeat(20_000) },
  ] as const;
  const SILENT = [
    { request: true },
    { write: `${head('500 Internal Server Error', ['transfer-encoding: chunked'])}${chunk('{"error":')}` },
    { stall: true },
  ] as const;

  it('34: that never ends is read up to a cap, and the connection is closed', async () => {
    const { server, pipeline } = await aScene([ENDLESS, GOOD]);
    const { tries, end } = await success(pipeline);
    expect({ tries, status: end.attempts?.[0]?.status, requests: server.requests.length }).toEqual({
      tries: ['server-error', 'ok'],
      status: 500,
      requests: 2,
    });
    await eventually(() => server.closes.length === 1);
  });

  it('34: that stops half-way is waited for 5 s, and then the status alone explains the failure', async () => {
    const { server, pipeline } = await aScene([SILENT, GOOD], { clock: new CountingClock(50) });
    const startedAt = performance.now();
    const { tries, end } = await success(pipeline);
    expect({ tries, status: end.attempts?.[0]?.status, requests: server.requests.length }).toEqual({
      tries: ['server-error', 'ok'],
      status: 500,
      requests: 2,
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
  });
});

describe('a redirect', () => {
  const CASES = [
    '301 Moved Permanently',
    '302 Found',
    '303 See Other',
    '307 Temporary Redirect',
    '308 Permanent Redirect',
  ];
  const redirecting = (status: string, location: string): readonly Step[] =>
    answering(head(status, [`location: ${location}`, 'content-length: 0']));

  it.each(CASES)('36: to the same server is refused with a hint at the base URL (%s)', async (status) => {
    const { server, pipeline } = await aScene([redirecting(status, '/v2/chat/completions?key=1'), GOOD]);
    const { error } = await failure(pipeline);
    expect(error).toMatchObject({ code: 'redirect', status: Number(status.slice(0, 3)), retryable: false });
    expect(error.message).toContain(`http://127.0.0.1:${server.port}/v2/chat/completions. Correct the base URL.`);
    expect({ requests: server.requests.length, connections: server.connections }).toEqual({
      requests: 1,
      connections: 1,
    });
  });

  it('36: without a place to go to is refused too', async () => {
    const { pipeline } = await aScene([answering(head('302 Found', ['content-length: 0']))]);
    const { error } = await failure(pipeline);
    expect(error).toMatchObject({ code: 'redirect', status: 302 });
    expect(error.message).toContain('without a usable Location');
  });
});

describe('a redirect to another server', () => {
  const pointing = (location: string): readonly Step[] => [
    { request: true },
    { write: head('307 Temporary Redirect', [`location: ${location}`, 'content-length: 0']) },
  ];

  it.each([
    [
      '37',
      'another port',
      (port: number) => `http://127.0.0.1:${port}/steal?key=1`,
      (port: number) => `http://127.0.0.1:${port}/steal`,
    ],
    [
      '37',
      'another name of the host',
      (port: number) => `http://localhost:${port}/steal`,
      (port: number) => `http://localhost:${port}/steal`,
    ],
    [
      '37',
      'another scheme',
      (port: number) => `https://127.0.0.1:${port}/`,
      (port: number) => `https://127.0.0.1:${port}/`,
    ],
    ['39', 'a metadata address', () => 'http://169.254.169.254/latest/', () => 'http://169.254.169.254/latest/'],
  ])('%s: is not followed to %s: nobody else gets the key', async (...[, , locationOf, shown]) => {
    const other = await aScene([GOOD]);
    const { server, pipeline } = await aScene([pointing(locationOf(other.server.port)), GOOD]);
    const { error, tries } = await failure(pipeline);
    expect(error).toMatchObject({ code: 'redirect', status: 307, retryable: false });
    expect(error.message).toContain(`a redirect to ${shown(other.server.port)}. It was not followed`);
    expect({ tries, requests: server.requests.length, elsewhere: other.server.connections }).toEqual({
      tries: ['redirect'],
      requests: 1,
      elsewhere: 0,
    });
  });

  it('38: that leads back to itself is asked once', async () => {
    const { server, pipeline } = await aScene([pointing('/api/v1/chat/completions')]);
    const { error } = await failure(pipeline);
    expect({ code: error.code, requests: server.requests.length }).toEqual({ code: 'redirect', requests: 1 });
  });
});

describe('answers that are not streams', () => {
  it('17: a whole completion is taken, though a stream was asked for', async () => {
    const { server, pipeline } = await aScene([
      answering(
        whole(
          JSON.stringify({
            id: 'gen-9',
            model: 'a/model-2',
            choices: [
              {
                index: 0,
                message: { role: 'assistant', content: 'All at once.', reasoning: 'Hm.' },
                finish_reason: 'stop',
              },
            ],
            usage: { prompt_tokens: 3, completion_tokens: 4, cost: 0.01 },
          }),
        ),
      ),
    ]);
    const { events, text, end } = await success(pipeline);
    expect(JSON.parse(server.requests[0]!.split('\r\n\r\n')[1]!)).toMatchObject({ stream: true });
    expect(text).toBe('All at once.');
    expect(events.map(({ type }) => type)).toEqual([
      'attempt-start',
      'response-metadata',
      'reasoning-delta',
      'text-delta',
      'generation-end',
    ]);
    expect(end).toMatchObject({
      model: 'a/model-2',
      responseId: 'gen-9',
      usage: { inputTokens: 3, outputTokens: 4, costUsd: 0.01, source: 'reported' },
      finishReason: { unified: 'stop' },
    });
  });

  it('17: a whole completion that breaks off is tried again', async () => {
    const { pipeline } = await aScene([answering(whole('{"choices":[{"message":{"content":"All at')), GOOD]);
    const { text, tries } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'Once upon a time.', tries: ['truncated', 'ok'] });
  });

  it('16: the error of a body stays a GenerationError of its kind', async () => {
    const { pipeline } = await aScene([errorIn200({ code: 429, message: 'slow down' })], {
      config: { retry: { maxAttempts: 1 } },
    });
    const { error } = await failure(pipeline);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(GenerationError.is(error)).toBe(true);
  });
});
