import { describe, expect, it } from '@jest/globals';
import { RateLimitError } from 'scriptorium';
import { classifyAnswer, remediesOf } from '../../../plugins/anthropic/classify.js';
import { errorBody } from '../../support/anthropic-wire.js';

const NOW = Date.parse('2026-10-15T12:00:00Z');
const classify = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  classifyAnswer(
    {
      status,
      headers: new Headers(headers),
      body: typeof body === 'string' ? body : JSON.stringify(body),
      now: NOW,
    },
    remediesOf('anthropic', (key) => (key === 'apiKey' ? 'ANTHROPIC_API_KEY' : undefined)),
  );
const failed = (
  status: number,
  [type, message]: readonly [string, string],
  headers?: Readonly<Record<string, string>>,
) => classify(status, errorBody(type, message), headers);

describe("an error of Anthropic's", () => {
  it.each([
    [400, 'invalid_request_error', 'messages: at least one message is required', 'bad-request', false],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context-length', false],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 16000 > 200000',
      'context-length',
      false,
    ],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API.',
      'payment-required',
      false,
    ],
    [401, 'authentication_error', 'invalid x-api-key', 'authentication', false],
    [402, 'billing_error', 'There is a billing issue', 'payment-required', false],
    [403, 'permission_error', 'not allowed', 'permission', false],
    [404, 'not_found_error', 'model: claude-9', 'not-found', false],
    [409, 'conflict_error', 'changed meanwhile', 'server-error', true],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'context-length', false],
    [500, 'api_error', 'Internal server error', 'server-error', true],
    [504, 'timeout_error', 'Timed out', 'server-error', true],
    [529, 'overloaded_error', 'Overloaded', 'overloaded', true],
    [501, '', 'not implemented', 'server-error', false],
    [422, '', 'odd', 'bad-request', false],
  ])('%d %s "%s" is %s', (...[status, type, message, code, retryable]) => {
    expect(failed(status, [type, message])).toMatchObject({ code, retryable, status });
  });

  it('is known by its type where a proxy has changed the status', () => {
    expect(failed(500, ['overloaded_error', 'Overloaded'])).toMatchObject({ code: 'overloaded', status: 529 });
  });

  it("says what happened, the request's id, and what to do", () => {
    expect(failed(401, ['authentication_error', 'invalid x-api-key']).message).toBe(
      'Anthropic answered 401: invalid x-api-key (request req_1). Check plugins.anthropic.apiKey, which comes from ANTHROPIC_API_KEY.',
    );
    expect(
      classify(500, { type: 'error', error: { type: 'api_error', message: 'Oh.' } }, { 'request-id': 'req_9' }).message,
    ).toBe('Anthropic answered 500: Oh. (request req_9)');
  });

  it('is tried again as the server says, whatever its type', () => {
    expect(failed(400, ['invalid_request_error', 'odd'], { 'x-should-retry': 'true' }).retryable).toBe(true);
    expect(failed(529, ['overloaded_error', 'Overloaded'], { 'x-should-retry': 'false' }).retryable).toBe(false);
    expect(failed(429, ['rate_limit_error', 'slow'], { 'x-should-retry': 'false' }).retryable).toBe(false);
  });

  it('tells when the server will have it again', () => {
    expect(failed(529, ['overloaded_error', 'Overloaded'], { 'retry-after': '7' }).retryAt).toBe(NOW + 7_000);
    expect(failed(529, ['overloaded_error', 'Overloaded']).retryAt).toBeUndefined();
  });
});

describe("a rate limit of Anthropic's", () => {
  const reset = (limit: string, remaining: number, at: string): Record<string, string> => ({
    [`anthropic-ratelimit-${limit}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${limit}-reset`]: at,
  });
  const limitedUntil = (headers: Readonly<Record<string, string>>) =>
    failed(429, ['rate_limit_error', 'slow down'], headers).retryAt;

  it('is one, with its hint', () => {
    const failure = failed(429, ['rate_limit_error', 'slow down'], {
      'retry-after': '3',
      ...reset('requests', 0, '2026-10-15T12:00:59Z'),
    });
    expect(failure).toBeInstanceOf(RateLimitError);
    expect(failure).toMatchObject({ code: 'rate-limit', retryable: true, retryAt: NOW + 3_000 });
  });

  it('ends when the last of the limits that are used up begins anew', () => {
    expect(
      limitedUntil({
        ...reset('requests', 0, '2026-10-15T12:00:20Z'),
        ...reset('input-tokens', 0, '2026-10-15T12:00:40Z'),
        ...reset('output-tokens', 500, '2026-10-15T12:00:50Z'),
      }),
    ).toBe(NOW + 40_000);
  });

  it.each([
    ['none is used up', reset('requests', 10, '2026-10-15T12:00:20Z')],
    ['the time is past', reset('requests', 0, '2026-10-15T11:00:00Z')],
    ['the time is none', reset('requests', 0, 'in 2027')],
    ['nothing is told', {}],
  ])('has no known end where %s', (_what, headers) => {
    expect(limitedUntil(headers)).toBeUndefined();
  });

  it("is a spent quota until the next month where the account's cap is reached", () => {
    expect(
      classify(429, errorBody('rate_limit_error', 'cap', { details: { error_code: 'enforced_spend_limit_reached' } })),
    ).toMatchObject({ code: 'quota', retryable: false, retryAt: Date.parse('2026-11-01T00:00:00Z') });
  });

  it.each([
    [
      'You have reached your specified API usage limits. You will regain access on 2026-11-01 at 06:30 UTC.',
      Date.parse('2026-11-01T06:30:00Z'),
    ],
    [
      'You have reached your specified workspace API usage limits. You will regain access on 2026-11-02.',
      Date.parse('2026-11-02T00:00:00Z'),
    ],
    ['You have reached your specified API usage limits.', undefined],
  ])('is a spent quota where a limit of your own is reached: %s', (message, retryAt) => {
    const failure = failed(400, ['invalid_request_error', message]);
    expect({
      code: failure.code,
      retryable: failure.retryable,
      status: failure.status,
      retryAt: failure.retryAt,
    }).toEqual({ code: 'quota', retryable: false, status: 400, retryAt });
  });
});

describe("an answer that is none of Anthropic's", () => {
  it('is a page of a proxy', () => {
    expect(classify(200, '<html>Log in</html>')).toMatchObject({
      code: 'unexpected-content',
      retryable: true,
      retryLimit: 1,
    });
    expect(classify(502, '<html>Bad gateway</html>')).toMatchObject({
      code: 'server-error',
      message: 'Anthropic answered 502: an HTML page',
    });
  });

  it('is known by its status where its body says nothing', () => {
    expect(classify(529, '').code).toBe('overloaded');
    expect(classify(403, 'x'.repeat(500)).message).toHaveLength('Anthropic answered 403: '.length + 201);
  });
});
