import { describe, expect, it } from '@jest/globals';
import { GenerationError, TimeoutError } from 'scriptorium';
import { chatFailure } from 'scriptorium/provider';

const NOW = Date.UTC(2026, 0, 1);

describe('a failure in the chat protocol', () => {
  it('has a word as its code in the dialect of OpenAI', () => {
    const error = new GenerationError('rate-limit', 'Too many requests.', { retryAt: NOW + 1_001, provider: 'mine' });
    expect(chatFailure(error, { dialect: 'openai', now: NOW })).toEqual({
      status: 429,
      body: { error: { message: 'Too many requests.', type: 'rate_limit_error', param: null, code: 'rate_limit' } },
      retryAfterS: 2,
    });
  });

  it('has the status as its code in the dialect of OpenRouter', () => {
    const error = new GenerationError('overloaded', 'Busy.', { provider: 'mine' });
    expect(chatFailure(error, { dialect: 'aggregator', now: NOW }).body).toEqual({
      error: {
        message: 'Busy.',
        type: 'server_error',
        param: null,
        code: 503,
        metadata: { error_type: 'overloaded', provider_name: 'mine' },
      },
    });
  });

  it('asks for at least one second, also where the time has passed', () => {
    const error = new GenerationError('rate-limit', 'Wait.', { retryAt: NOW - 5_000 });
    expect(chatFailure(error, { dialect: 'openai', now: NOW }).retryAfterS).toBe(1);
  });

  it('has the status of the last try where all tries have failed', () => {
    const cause = new GenerationError('server-error', 'Down.', { status: 529 });
    const error = new GenerationError('retry-exhausted', 'Gave up.', { cause });
    expect(chatFailure(error, { dialect: 'openai', now: NOW }).status).toBe(529);
  });

  it.each([
    { timer: 'queue', status: 429, type: 'rate_limit_error' },
    { timer: 'deadline', status: 504, type: 'server_error' },
    { timer: 'first-token', status: 504, type: 'server_error' },
  ] as const)('of the timer $timer has the status $status', ({ timer, status, type }) => {
    const error = new TimeoutError(timer, 'Too late.', { retryAt: NOW + 30_000 });
    expect(chatFailure(error, { dialect: 'openai', now: NOW })).toMatchObject({
      ...{ status, retryAfterS: 30 },
      body: { error: { type, code: 'timeout' } },
    });
  });

  it.each([200, 302, 600])('never has a status that is not one of a failure: %d', (status) => {
    const error = new GenerationError('server-error', 'Odd.', { status });
    expect(chatFailure(error, { dialect: 'openai', now: NOW }).status).toBe(502);
  });

  it('shows nothing of an error of another kind', () => {
    expect(chatFailure(new Error('secret'), { dialect: 'openai', now: NOW })).toEqual({
      status: 500,
      body: {
        error: {
          message: 'The request failed for an unknown reason.',
          type: 'server_error',
          param: null,
          code: 'internal',
        },
      },
    });
  });
});
