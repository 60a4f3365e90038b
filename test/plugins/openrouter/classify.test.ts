import { describe, expect, it } from '@jest/globals';
import { ApiError, RateLimitError } from 'scriptorium';
import { classifyAnswer, errorFromEnvelope } from '../../../plugins/openrouter/classify.js';
import { remediesOf } from '../../../plugins/openrouter/remedies.js';

const remedies = remediesOf('openrouter', (key) => (key === 'apiKey' ? 'OPENROUTER_API_KEY' : undefined));
const NOW = Date.UTC(2026, 0, 1, 12);
const DATE = 'Thu, 01 Jan 2026 12:00:00 GMT';
const classify = (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  classifyAnswer(
    {
      status,
      headers: new Headers(headers),
      body: typeof body === 'string' ? body : JSON.stringify(body),
      now: NOW,
    },
    remedies,
  );
const inStream = (error: unknown, headers: Record<string, string> = {}) =>
  errorFromEnvelope(error, { headers: new Headers(headers), now: () => NOW, remedies });

describe('a status', () => {
  it.each([
    [400, 'bad-request', false],
    [401, 'authentication', false],
    [402, 'payment-required', false],
    [403, 'permission', false],
    [404, 'not-found', false],
    [408, 'server-error', true],
    [409, 'server-error', true],
    [412, 'bad-request', false],
    [413, 'context-length', false],
    [422, 'bad-request', false],
    [425, 'server-error', true],
    [429, 'rate-limit', true],
    [500, 'server-error', true],
    [501, 'server-error', false],
    [502, 'server-error', true],
    [503, 'overloaded', true],
    [504, 'server-error', true],
    [505, 'server-error', false],
    [520, 'server-error', true],
    [524, 'server-error', true],
    [529, 'overloaded', true],
  ])('%i is %s, to be tried again: %s', (status, code, retryable) => {
    const expected = { code, status, retryable };
    expect(classify(status)).toMatchObject(expected);
    expect(classify(status, '<html>proxy</html>')).toMatchObject(expected);
    expect(classify(status, { error: { code: status, message: 'no' } })).toMatchObject(expected);
    expect(inStream({ code: status, message: 'no' })).toMatchObject(expected);
  });

  it('makes a RateLimitError of a 429 and an ApiError of every other failure', () => {
    expect(
      [classify(500), classify(503), classify(400), classify(401)].every((error) => error instanceof ApiError),
    ).toBe(true);
    expect(classify(429)).toBeInstanceOf(RateLimitError);
    expect(classify(429)).not.toBeInstanceOf(ApiError);
  });

  it('says of an unknown model what to check', () => {
    const error = {
      code: 400,
      message: 'x/y is not a valid model ID',
      availability: { code: 'model_not_found', retryable: false },
    };
    expect(classify(400, { error })).toMatchObject({
      code: 'not-found',
      retryable: false,
      message: expect.stringContaining('Check the name of the model, or take another one.') as unknown,
    });
  });

  it.each([
    ['1234', 1234],
    ['0', 0],
    ['20015 as text', '20015'],
    ['a word', 'server_error'],
    ['null', null],
  ])('is taken from HTTP where the code in the body is none (%s)', (_, code) => {
    expect(classify(401, { error: { code, message: 'no' } })).toMatchObject({ code: 'authentication', status: 401 });
  });

  it('is 502 in a stream that names none', () => {
    expect(inStream({ code: 'server_error', message: 'no' })).toMatchObject({
      code: 'server-error',
      status: 502,
      retryable: true,
    });
    expect(inStream('broke')).toMatchObject({ status: 502, message: expect.stringContaining('broke') });
  });

  it('is taken from http_status too', () => {
    expect(inStream({ http_status: 503, message: 'no' })).toMatchObject({ code: 'overloaded', status: 503 });
  });
});

describe('the three kinds of 429', () => {
  const perMinute = {
    error: {
      message: 'Rate limit exceeded: free-models-per-min. ',
      code: 429,
      metadata: {
        headers: { 'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(NOW + 12_000) },
        limit_source: 'openrouter_free_tier_per_minute',
        provider_name: null,
      },
    },
    user_id: 'user_123',
  };
  const perDay = {
    error: {
      message: 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
      code: 429,
      metadata: {
        headers: {
          'X-RateLimit-Limit': '50',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': String(NOW + 43_200_000),
        },
        limit_source: 'openrouter_free_tier_daily',
        provider_name: null,
      },
    },
  };
  const upstream = {
    error: {
      message: 'Provider returned error',
      code: 429,
      metadata: {
        raw: 'a/model:free is temporarily rate-limited upstream. Please retry shortly, or add your own key',
        provider_name: 'Chutes',
        limit_source: 'upstream_provider_shared_pool',
      },
    },
  };

  it('per minute: a rate limit until the reset, in a body and in a stream', () => {
    const expected = { code: 'rate-limit', retryable: true, retryAt: NOW + 12_000, status: 429 };
    expect(classify(429, perMinute)).toMatchObject(expected);
    expect(inStream(perMinute.error)).toMatchObject(expected);
  });

  it('per day: a spent quota, not to be tried again, with its reset', () => {
    expect(classify(429, perDay)).toMatchObject({ code: 'quota', retryable: false, retryAt: NOW + 43_200_000 });
    expect(
      classify(429, { error: { message: 'Rate limit exceeded: free-models-per-day-high-balance. ', code: 429 } }),
    ).toMatchObject({ code: 'quota', retryable: false });
  });

  it('upstream: a rate limit without a date, explained by what the provider said', () => {
    const error = classify(429, upstream);
    expect(error).toMatchObject({ code: 'rate-limit', retryable: true });
    expect(error.retryAt).toBeUndefined();
    expect(error.message).toContain('temporarily rate-limited upstream');
    expect(error.message).toContain('(from Chutes)');
  });

  it('an insufficient quota is a spent one', () => {
    expect(classify(429, { error: { code: 'insufficient_quota', message: 'no' } })).toMatchObject({
      code: 'quota',
      retryable: false,
    });
    expect(classify(429, { error: { type: 'insufficient_quota', message: 'no' } })).toMatchObject({
      code: 'quota',
      retryable: false,
    });
  });

  it('tells nobody who the user is', () => {
    expect(JSON.stringify(classify(429, perMinute))).not.toContain('user_123');
  });
});

describe('the type of an error', () => {
  const BUSY = { message: 'busy' };

  it.each([
    ['metadata.error_type', { error: { ...BUSY, metadata: { error_type: 'provider_overloaded' } } }],
    ['error.error_type', { error: { ...BUSY, error_type: 'provider_overloaded' } }],
    ['error_type beside the error', { error: BUSY, error_type: 'provider_overloaded' }],
  ])('is read from %s', (_, body) => {
    expect(classify(200, body)).toMatchObject({ code: 'overloaded', status: 503, retryable: true });
  });

  it.each([
    ['invalid_request', 'bad-request', false],
    ['authentication', 'authentication', false],
    ['payment_required', 'payment-required', false],
    ['permission_denied', 'permission', false],
    ['not_found', 'not-found', false],
    ['unprocessable', 'bad-request', false],
    ['rate_limit_exceeded', 'rate-limit', true],
    ['server', 'server-error', true],
    ['unmapped', 'server-error', true],
    ['provider_unavailable', 'server-error', true],
    ['provider_overloaded', 'overloaded', true],
    ['timeout', 'server-error', true],
    ['context_length_exceeded', 'context-length', false],
    ['token_limit_exceeded', 'context-length', false],
    ['content_policy_violation', 'content-filter', false],
    ['refusal', 'content-filter', false],
    ['something_new', 'server-error', true],
    ['__proto__', 'server-error', true],
  ])('%s is %s, to be tried again: %s', (type, code, retryable) => {
    expect(inStream({ message: 'no', error_type: type })).toMatchObject({ code, retryable });
  });

  it('says more than the status it came with', () => {
    expect(classify(500, { error: { code: 500, message: 'no', error_type: 'authentication' } })).toMatchObject({
      code: 'authentication',
      retryable: false,
      status: 500,
    });
    expect(
      classify(400, { error: { code: 400, message: "This endpoint's maximum context length is 8192 tokens" } }),
    ).toMatchObject({ code: 'context-length', retryable: false });
  });

  it('is a content filter where moderation gives its reasons, and never repeats the text it flagged', () => {
    const error = classify(403, {
      error: {
        code: 403,
        message: 'flagged',
        metadata: { reasons: ['violence'], flagged_input: "the user's words", provider_name: 'X' },
      },
    });
    expect(error).toMatchObject({ code: 'content-filter', retryable: false });
    expect(JSON.stringify(error)).not.toContain("the user's words");
  });
});

describe("the server's own word on trying again", () => {
  it.each([
    [503, { 'x-should-retry': 'false' }, {}, false],
    [400, { 'x-should-retry': 'true' }, {}, true],
    [429, { 'x-should-retry': 'false' }, {}, false],
    [503, { 'x-should-retry': 'maybe' }, {}, true],
    [503, {}, { availability: { code: 'region_restricted', retryable: false } }, false],
    [404, {}, { availability: { code: 'temporarily_unavailable', retryable: true } }, true],
    [429, {}, { availability: { code: 'capacity_exhausted', retryable: true } }, true],
    [503, {}, { availability: { retryable: 'no' } }, true],
    [503, { 'x-should-retry': 'true' }, { availability: { retryable: false } }, true],
  ])('wins: %i with %j and %j is to be tried again: %s', (...[status, headers, more, retryable]) => {
    expect(
      classify(status, { error: { code: status, message: 'no', ...more } }, headers as Record<string, string>)
        .retryable,
    ).toBe(retryable);
  });

  it('does not bring a spent daily quota back', () => {
    expect(
      classify(429, {
        error: {
          code: 429,
          message: 'no',
          metadata: { limit_source: 'openrouter_free_tier_daily' },
          availability: { retryable: true },
        },
      }).retryable,
    ).toBe(false);
  });
});

describe('the reason of an error', () => {
  const because = (raw: unknown) =>
    classify(400, {
      error: { code: 400, message: 'Provider returned error', metadata: { raw, provider_name: 'DeepInfra' } },
    }).message;

  it.each([
    ['text', 'no such tool', 'no such tool'],
    ['JSON in a text', '{"error":{"message":"no such tool"}}', 'no such tool'],
    ['JSON in a text, with the message at its top', '{"message":"no such tool"}', 'no such tool'],
    ['an object', { error: { message: 'no such tool' } }, 'no such tool'],
    ['an object with the message at its top', { message: 'no such tool' }, 'no such tool'],
    ['JSON that says nothing', '{"detail":[]}', 'Provider returned error'],
    ['nothing', undefined, 'Provider returned error'],
    ['a number', 7, 'Provider returned error'],
  ])('is found in metadata.raw, be it %s', (_, raw, expected) => {
    expect(because(raw)).toContain(expected);
    expect(because(raw)).toContain('(from DeepInfra)');
  });

  it('is cut to 200 characters and to one line', () => {
    const { message } = classify(500, `a\r\n${'b'.repeat(5_000)}`);
    expect(message.length).toBeLessThan(260);
    expect(message).not.toMatch(/[\r\n]/);
  });

  it.each([
    [401, 'OPENROUTER_API_KEY'],
    [402, 'credit'],
    [404, 'name of the model'],
  ])('of a %i says what to do: %s', (status, remedy) => {
    expect(classify(status).message).toContain(remedy);
  });

  it.each([
    [404, '<html>Not found</html>', 'an HTML page. Check the base URL (plugins.openrouter.baseUrl), and any proxy'],
    [403, '<html>Blocked</html>', 'an HTML page. Check the base URL'],
    [404, 'Not Found', 'Not Found. Check the base URL'],
    [
      404,
      { message: 'No endpoints found matching your data policy (Free model publication).' },
      'Change the privacy settings of the account',
    ],
    [404, { message: 'none', availability: { code: 'privacy_restricted' } }, 'Change the privacy settings'],
    [404, { message: 'No endpoints found that support tool use.' }, 'Loosen provider in providerOptions'],
    [404, { message: 'none', availability: { code: 'constraint_filtered' } }, 'Loosen provider in providerOptions'],
    [404, { message: 'none', availability: { code: 'free_variant_ended' } }, 'Take the model without ":free"'],
    [
      404,
      { message: 'gone', availability: { code: 'model_deprecated', fallback_models: ['a/b', 'c/d'] } },
      'Take another model, such as a/b, c/d.',
    ],
    [403, { message: 'x', availability: { code: 'region_restricted' } }, 'do not serve your region'],
    [403, { message: 'Key limit exceeded (total limit).' }, 'Raise the limit of the key'],
    [404, { message: 'No endpoints found for a/b.' }, 'Check the name of the model.'],
    [402, { message: 'You requested up to 9 tokens, but can only afford 0.' }, 'Add credit, or ask for fewer tokens'],
  ])('of a %i with %j follows what was found: %s', (status, error, remedy) => {
    const body = typeof error === 'string' ? error : { error: { code: status, ...error } };
    expect(classify(status, body).message).toContain(remedy);
  });

  it('of a page that a broken server sends has no remedy', () => {
    expect(classify(502, '<html>Bad Gateway</html>').message).toBe('OpenRouter answered 502: an HTML page');
  });

  it('of moderation names its reasons and who moderates, and not the text', () => {
    const metadata = { reasons: ['violence', 'hate'], flagged_input: 'the text', provider_name: 'X' };
    const { message } = classify(403, { error: { code: 403, message: 'Your input was flagged', metadata } });
    expect(message).toBe('OpenRouter answered 403: Your input was flagged: reasons: violence, hate (from X)');
  });

  it('of a 402 keeps what the account can afford', () => {
    const message =
      'This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 30104.';
    expect(
      classify(402, {
        error: { message, code: 402, metadata: { provider_name: null, previous_errors: [] } },
        user_id: 'user_1',
      }),
    ).toMatchObject({
      code: 'payment-required',
      status: 402,
      retryable: false,
      message: expect.stringContaining('can only afford 30104'),
    });
  });
});

describe("an answer that is none of OpenRouter's", () => {
  it('is unexpected content, tried again once, with the beginning of its text', () => {
    expect(classify(200, `<html>login${'x'.repeat(500)}`)).toMatchObject({
      code: 'unexpected-content',
      retryable: true,
      retryLimit: 1,
      status: 200,
      message: expect.stringContaining('"<html>login'),
    });
  });
});

describe('a hint', () => {
  it('in the headers holds for an error in the stream as well', () => {
    expect(
      inStream({ code: 503, message: 'busy' }, { 'retry-after': 'Thu, 01 Jan 2026 12:00:09 GMT', date: DATE }),
    ).toMatchObject({ retryAt: NOW + 9_000 });
  });
});
