import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { toGenerationError } from '../../src/core/errors/classify.js';
import { ERROR_CODES } from '../../src/core/errors/codes.js';
import type { ErrorCode } from '../../src/core/errors/codes.js';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { ErrorDetails } from '../../src/core/errors/generation-error.js';
import {
  AbortError,
  ApiError,
  ConfigError,
  InterruptedError,
  RateLimitError,
  RetryExhaustedError,
  TimeoutError,
} from '../../src/core/errors/classes.js';
import { UNMEASURED } from '../../src/core/usage.js';

const anAttempt = {
  attempt: 1,
  provider: 'fake',
  model: 'a-model',
  outcome: 'error',
  sent: true,
  startedAt: 0,
  latencyMs: 5,
  usage: UNMEASURED,
} as const;

describe('a GenerationError', () => {
  it('is recognised by its marker, also across copies of the package and realms', () => {
    const foreign: unknown = runInNewContext(`
      const error = new Error('from another copy');
      Object.defineProperty(error, Symbol.for('scriptorium.generation-error'), { value: true });
      error`);
    expect(foreign).not.toBeInstanceOf(Error);
    expect(GenerationError.is(foreign)).toBe(true);
    expect(toGenerationError(foreign)).toBe(foreign);
  });

  it.each([
    null,
    undefined,
    'GenerationError',
    new Error('GenerationError'),
    { name: 'GenerationError', code: 'internal' },
  ])('is not %p', (value) => {
    expect(GenerationError.is(value)).toBe(false);
  });

  it('is not retryable unless it says so, and keeps its cause', () => {
    const cause = new Error('root');
    expect(new GenerationError('timeout', 'late')).toMatchObject({
      retryable: false,
      attempts: [],
      code: 'timeout',
      message: 'late',
    });
    expect(new GenerationError('timeout', 'late', { retryable: true, cause })).toMatchObject({
      retryable: true,
      cause,
    });
    expect('cause' in new GenerationError('timeout', 'late')).toBe(false);
  });

  it('has no property for an unknown detail', () => {
    expect(Object.keys(new GenerationError('internal', 'x')).sort()).toEqual(['attempts', 'code', 'name', 'retryable']);
    expect(Object.keys(new TimeoutError('idle', 'x')).sort()).toEqual([
      'attempts',
      'code',
      'name',
      'retryable',
      'timer',
    ]);
  });

  it('adopts details of the generation, but keeps its own', () => {
    const error = new GenerationError('server-error', 'x', { provider: 'first' });
    const told = error.withDetails({
      provider: 'second',
      model: 'a-model',
      generationId: 'g-1',
      attempts: [anAttempt],
      partial: { text: 'so far', usage: UNMEASURED, toolCallsOpen: false },
    });
    expect(told).toMatchObject({
      provider: 'first',
      model: 'a-model',
      generationId: 'g-1',
      attempts: [anAttempt],
      partial: { text: 'so far' },
    });
    const again = told.withDetails({ model: 'b-model', generationId: 'g-2', attempts: [anAttempt, anAttempt] });
    expect(again).toMatchObject({ model: 'a-model', generationId: 'g-1' });
    expect(again.attempts).toHaveLength(2);
  });

  it('adds details to a copy, because it may be shared or frozen', () => {
    const shared = Object.freeze(new TimeoutError('idle', 'x', { cause: 'why' }));
    const told = shared.withDetails({ generationId: 'g-1' });
    expect([shared.generationId, told.generationId]).toEqual([undefined, 'g-1']);
    expect(told).toBeInstanceOf(TimeoutError);
    expect(GenerationError.is(told)).toBe(true);
    expect([told.message, told.timer, told.cause, told.stack]).toEqual(['x', 'idle', 'why', shared.stack]);
  });

  it('serialises to JSON with its message and attempts, a foreign cause by name and message only, and nothing undefined', () => {
    const cause = Object.assign(new TypeError('root'), { request: { headers: { authorization: 'Bearer key' } } });
    const error = new RateLimitError('slow down', {
      retryAt: 99,
      cause,
      model: undefined,
    } as unknown as ErrorDetails).withDetails({ generationId: 'g-1' });
    expect(error.toJSON()).toStrictEqual({
      name: 'RateLimitError',
      message: 'slow down',
      code: 'rate-limit',
      status: 429,
      retryable: true,
      retryAt: 99,
      generationId: 'g-1',
      attempts: [],
      cause: { name: 'TypeError', message: 'root' },
    });
    expect(JSON.parse(JSON.stringify(new AbortError()))).toEqual({
      name: 'AbortError',
      message: 'The generation was aborted.',
      code: 'aborted',
      retryable: false,
      attempts: [],
    });
  });

  it.each<[GenerationError, ErrorCode, boolean]>([
    [new RateLimitError('x'), 'rate-limit', true],
    [new RateLimitError('x', { quota: true }), 'quota', false],
    [new ApiError('server-error', 'x', { retryable: true }), 'server-error', true],
    [new RetryExhaustedError('x', {}), 'retry-exhausted', false],
    [new InterruptedError('x', {}), 'interrupted', false],
    [new TimeoutError('deadline', 'x'), 'timeout', false],
    [new ConfigError('x'), 'configuration', false],
    [new AbortError(), 'aborted', false],
  ])('has subclasses with fixed codes: %s', (error, code, retryable) => {
    expect(GenerationError.is(error)).toBe(true);
    expect(error.name).toBe(error.constructor.name);
    expect(ERROR_CODES).toContain(code);
    expect(error).toMatchObject({ code, retryable });
  });

  it("keeps BookGen's hierarchy: exhausted retries are an API error", () => {
    expect(new RetryExhaustedError('x', {})).toBeInstanceOf(ApiError);
    expect(new RateLimitError('x')).not.toBeInstanceOf(ApiError);
  });
});

describe('toGenerationError', () => {
  it.each<[string, ErrorCode, Partial<ErrorDetails>]>([
    ['ECONNREFUSED', 'connection', { retryable: true, neverSent: true }],
    ['EAI_AGAIN', 'dns', { retryable: true, neverSent: true }],
    ['ENOTFOUND', 'dns', { retryable: true, retryLimit: 1 }],
    ['ECONNRESET', 'connection', { retryable: true }],
    ['EPIPE', 'connection', { retryable: true }],
    ['ETIMEDOUT', 'connection', { retryable: true }],
    ['EHOSTUNREACH', 'connection', { retryable: true }],
    ['ENETUNREACH', 'connection', { retryable: true }],
    ['ERR_STREAM_PREMATURE_CLOSE', 'connection', { retryable: true }],
    ['HPE_INVALID_CONSTANT', 'protocol', { retryable: true, retryLimit: 1 }],
    ['HPE_HEADER_OVERFLOW', 'protocol', { retryable: false }],
    ['Z_DATA_ERROR', 'protocol', { retryable: true }],
    ['CERT_HAS_EXPIRED', 'tls', { retryable: false }],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', { retryable: false }],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', { retryable: false }],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', { retryable: false }],
    ['EPROTO', 'tls', { retryable: false }],
    ['ERR_INVALID_ARG_TYPE', 'internal', { retryable: false }],
  ])('reads %s as %s', (systemCode, code, details) => {
    const foreign = Object.assign(new Error('it broke'), { code: systemCode });
    const error = toGenerationError(foreign);
    expect(error).toMatchObject({ code, cause: foreign, ...details });
    expect(error.neverSent).toBe(details.neverSent);
    expect(error.retryLimit).toBe(details.retryLimit);
    expect(error.message).toContain('it broke');
  });

  it.each([
    [new TypeError('x is undefined'), 'x is undefined'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [{ code: 20 }, 'object'],
  ])('treats %p as a bug, which is not retryable', (thrown, shown) => {
    const error = toGenerationError(thrown);
    expect(error).toMatchObject({ code: 'internal', retryable: false });
    expect(error.message).toContain(shown);
    expect(error.cause).toBe(thrown);
  });

  it("passes a GenerationError unchanged, and prefers the caller's details for a foreign error", () => {
    const own = new AbortError();
    expect(toGenerationError(own, { provider: 'fake' })).toBe(own);
    expect(own.provider).toBeUndefined();
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    expect(toGenerationError(reset, { neverSent: true, retryable: false })).toMatchObject({
      code: 'connection',
      neverSent: true,
      retryable: false,
    });
  });
});
