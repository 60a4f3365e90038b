import { describe, expect, it } from '@jest/globals';
import { ApiError, RateLimitError } from 'scriptorium';
import { classifyAnswer, errorFromEnvelope, remediesOf } from '../../../plugins/openai-compatible/classify.js';
import { retryHint } from '../../../plugins/openai-compatible/hints.js';
import { aServer } from './servers.js';

const NOW = Date.UTC(2026, 0, 1, 12);
const server = aServer('openai');
const classify = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  classifyAnswer(
    { status, headers: new Headers(headers), body: typeof body === 'string' ? body : JSON.stringify(body), now: NOW },
    server,
  );
const inStream = (error: unknown, type?: string) =>
  errorFromEnvelope(error, { server, headers: new Headers(), now: () => NOW, type });

describe('a failing status', () => {
  it.each([
    [400, 'bad-request', false],
    [401, 'authentication', false],
    [402, 'payment-required', false],
    [403, 'permission', false],
    [404, 'not-found', false],
    [408, 'server-error', true],
    [413, 'context-length', false],
    [422, 'bad-request', false],
    [429, 'rate-limit', true],
    [500, 'server-error', true],
    [501, 'server-error', false],
    [502, 'server-error', true],
    [503, 'overloaded', true],
    [504, 'server-error', true],
    [529, 'overloaded', true],
  ])('%i is %s, to be tried again: %s, whatever its body', (status, code, retryable) => {
    for (const body of [
      '',
      '<html>proxy</html>',
      { error: { message: 'no', type: 'x', code: null, param: null } },
      { error: 'no' },
      { object: 'error', message: 'no', type: 'x', code: 1234 },
      { detail: 'no' },
    ]) {
      expect(classify(status, body)).toMatchObject({ code, status, retryable });
    }
  });

  it('of 400 gives way to a rate limit or an illness that its body names', () => {
    const told = (code: number): unknown => classify(400, [{ error: { code, message: 'no', status: 'X' } }]);
    expect([told(429), told(503), told(400)]).toMatchObject([
      { code: 'rate-limit', retryable: true },
      { code: 'overloaded', retryable: true },
      { code: 'bad-request', retryable: false },
    ]);
  });

  it('is a RateLimitError or an ApiError', () => {
    expect(classify(429)).toBeInstanceOf(RateLimitError);
    expect([400, 401, 500].every((status) => classify(status) instanceof ApiError)).toBe(true);
  });

  it('is tried again or not as the server says', () => {
    expect(classify(503, '', { 'x-should-retry': 'false' }).retryable).toBe(false);
    expect(classify(400, '', { 'x-should-retry': 'true' }).retryable).toBe(true);
  });

  it('says what to do', () => {
    expect(classify(401).message).toContain('Check plugins.openai.apiKey, which comes from OPENAI_API_KEY.');
    expect(
      classifyAnswer({ status: 401, headers: new Headers(), body: '', now: NOW }, aServer('ollama')).message,
    ).toContain('Set plugins.ollama.apiKey.');
  });
});

describe('what to do', () => {
  it.each([
    [404, '<html>nginx</html>', 'an HTML page. Check the base URL (plugins.openai.baseUrl), and any proxy'],
    [404, { detail: 'Not Found' }, 'Check the base URL (plugins.openai.baseUrl), and any proxy'],
    [404, '404 page not found', 'Check the base URL (plugins.openai.baseUrl), and any proxy'],
    [404, { error: { message: 'Invalid URL (POST /v1/v1/chat/completions)' } }, 'Check the base URL'],
    [
      404,
      { error: { message: 'The model `x` does not exist', code: 'model_not_found' } },
      'Check the name of the model, or',
    ],
    [404, { error: { message: 'Nothing here.' } }, 'Check the name of the model, and the base URL'],
    [
      410,
      { detail: "The model 'x' has reached its end of life." },
      'Check the name of the model, or take another one.',
    ],
    [401, '<html>Log in</html>', 'Check the base URL'],
  ])('about a %i with %j follows what was found', (status, body, remedy) => {
    expect(classify(status, body).message).toContain(remedy);
  });

  it('about a key that comes from two places names both', () => {
    expect(remediesOf('groq', (key) => (key === 'apiKey' ? 'a.json' : 'GROQ_API_KEYS')).authentication).toBe(
      'Check plugins.groq.apiKey, which comes from a.json, and plugins.groq.keys, which comes from GROQ_API_KEYS.',
    );
  });
});

describe('the reason of an error', () => {
  it.each([
    ['OpenAI', { error: { message: 'Because.', type: 'invalid_request_error', param: null, code: null } }, 'Because.'],
    ['Ollama', { error: 'model "x" not found, try pulling it first' }, 'model "x" not found, try pulling it first'],
    [
      'Mistral',
      { object: 'error', message: 'Because.', type: 'invalid_request_error', param: null, code: null },
      'Because.',
    ],
    [
      'Mistral, of a field',
      {
        object: 'error',
        message: {
          detail: [{ type: 'extra_forbidden', loc: ['body', 'top_k'], msg: 'Extra inputs are not permitted' }],
        },
      },
      'body.top_k: Extra inputs are not permitted',
    ],
    ['FastAPI', { detail: 'Not authenticated' }, 'Not authenticated'],
    [
      'FastAPI, of fields',
      { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'field required' }, { msg: 'no' }, { loc: ['x'] }, 7] },
      'body.messages.0.role: field required; no',
    ],
    ['nobody known', { reason: 'x' }, 'x'],
    ['nobody known, in no words', { reason: 7 }, '{"reason":7}'],
    ['a proxy', '<html><b>no</b></html>', 'an HTML page'],
    ['a plain text', 'Internal\nServer Error', 'Internal Server Error'],
    ['nobody', { error: { code: 7 } }, 'no reason given'],
  ])('is found as %s tells it', (_who, body, reason) => {
    expect(classify(400, body).message).toContain(`openai answered 400: ${reason}`);
  });

  it('is cut to 200 characters', () => {
    expect(classify(400, { error: 'x'.repeat(5_000) }).message.length).toBeLessThan(260);
  });
});

describe('what says more than the status', () => {
  it.each([
    [
      'a spent quota',
      429,
      { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
      'quota',
    ],
    ['a spent quota under another status', 403, { error: { message: 'no', code: 'insufficient_quota' } }, 'quota'],
    ['a limit on billing', 400, { error: { message: 'no', code: 'billing_hard_limit_reached' } }, 'quota'],
    [
      'a context too long, by code',
      400,
      { error: { message: 'no', code: 'context_length_exceeded' } },
      'context-length',
    ],
    [
      'a context too long, by type',
      400,
      { error: { message: 'no', type: 'exceed_context_size_error' } },
      'context-length',
    ],
    [
      "a context too long, in vLLM's words",
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 8192 tokens.",
        type: 'BadRequestError',
        code: 400,
      },
      'context-length',
    ],
    [
      "a context too long, in Mistral's words",
      400,
      { message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length' },
      'context-length',
    ],
    [
      "a context too long, in Together's words",
      422,
      { error: { message: '`inputs` tokens + `max_new_tokens` must be <= 8193.' } },
      'context-length',
    ],
    ['a content filter', 400, { error: { message: 'no', code: 'content_filter' } }, 'content-filter'],
    ["DeepSeek's content filter", 400, { error: { message: 'Content Exists Risk' } }, 'content-filter'],
    ['an unknown model', 400, { error: { message: 'no', code: 'model_not_found' } }, 'not-found'],
  ])('%s (%i)', (...[, status, body, code]) => {
    expect(classify(status, body)).toMatchObject({ code, retryable: false, status });
  });

  it('leaves a breakdown that speaks of the context a breakdown', () => {
    expect(classify(500, { error: 'failed to allocate the context size' })).toMatchObject({
      code: 'server-error',
      retryable: true,
    });
  });
});

describe('an error in a stream', () => {
  it.each([
    [{ message: 'no', type: 'server_error' }, 'server-error', 500],
    [{ message: 'no', type: 'overloaded_error' }, 'overloaded', 503],
    [{ message: 'no', code: 'rate_limit_exceeded' }, 'rate-limit', 429],
    [{ message: 'no', code: 'insufficient_quota' }, 'quota', 429],
    [{ message: 'no', type: 'BadRequestError', code: 400 }, 'bad-request', 400],
    [{ message: 'no', type: 'InternalServerError', code: 500 }, 'server-error', 500],
    [{ message: 'no', code: 503 }, 'overloaded', 503],
    ['no', 'server-error', 502],
    [{}, 'server-error', 502],
    [{ message: 'no', type: '__proto__', code: 20015 }, 'server-error', 502],
  ])('%j is %s (%i)', (error, code, status) => {
    expect(inStream(error)).toMatchObject({ code, status });
  });

  it('takes the type that stands beside it', () => {
    expect(inStream({ message: 'no' }, 'authentication_error')).toMatchObject({ code: 'authentication' });
  });

  it('with a good status is what the body says, and a body that is none is unexpected', () => {
    expect(classify(200, { error: { message: 'no', type: 'overloaded_error' } })).toMatchObject({
      code: 'overloaded',
      status: 503,
    });
    expect(classify(200, '<html>login</html>')).toMatchObject({
      code: 'unexpected-content',
      retryable: true,
      retryLimit: 1,
    });
  });
});

describe('when the server will have the request again', () => {
  const hint = (headers: Record<string, string>, isRateLimit = true): number | undefined => {
    const until = retryHint({ headers: new Headers(headers), error: {}, isRateLimit }, NOW);
    return until === undefined ? undefined : until - NOW;
  };
  const [requests, tokens] = ['x-ratelimit-reset-requests', 'x-ratelimit-reset-tokens'];

  it.each<[string, Record<string, string>, number | undefined]>([
    ['nothing', {}, undefined],
    ['Retry-After', { 'retry-after': '2' }, 2_000],
    ['retry-after-ms, which beats it', { 'retry-after-ms': '1500', 'retry-after': '60' }, 1_500],
    ['Retry-After, which beats the resets', { 'retry-after': '2', [requests]: '6m0s' }, 2_000],
    ['a reset in minutes', { [requests]: '6m0s' }, 360_000],
    ['a reset in hours', { [requests]: '1h0m3s' }, 3_603_000],
    ['a reset in parts of a second', { [tokens]: '7.66s' }, 7_660],
    ['a reset in milliseconds', { [tokens]: '120ms' }, 120],
    ['a reset in days', { [requests]: '1d2h' }, 93_600_000],
    ['a reset in bare seconds', { [tokens]: '3.5' }, 3_500],
    ['the earlier of two resets', { [requests]: '6m0s', [tokens]: '1s' }, 1_000],
    [
      'the reset of what has run out',
      {
        [requests]: '6m0s',
        'x-ratelimit-remaining-requests': '0',
        [tokens]: '1s',
        'x-ratelimit-remaining-tokens': '90',
      },
      360_000,
    ],
    [
      'the later one where both have run out',
      { [requests]: '2s', 'x-ratelimit-remaining-requests': '0', [tokens]: '9s', 'x-ratelimit-remaining-tokens': '0' },
      9_000,
    ],
    ['garbage', { [requests]: 'soon', [tokens]: '1x' }, undefined],
    ['a reset of nothing', { [requests]: '0s' }, undefined],
  ])('is told by %s', (_what, headers, expected) => {
    expect(hint(headers)).toBe(expected);
  });

  it('is not told by the resets of an answer that is no refusal for its rate', () => {
    expect(hint({ [requests]: '6m0s' }, false)).toBeUndefined();
    expect(classify(500, '', { [requests]: '6m0s' }).retryAt).toBeUndefined();
    expect(classify(429, '', { [requests]: '6m0s' }).retryAt).toBe(NOW + 360_000);
  });
});
