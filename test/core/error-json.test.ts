import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptRecord } from '../../src/core/attempt.js';
import {
  AbortError,
  ApiError,
  BudgetError,
  ConfigError,
  InterruptedError,
  InvalidObjectError,
  RateLimitError,
  RetryExhaustedError,
  TimeoutError,
} from '../../src/core/errors/classes.js';
import type { TimeoutTimer } from '../../src/core/errors/classes.js';
import { ERROR_CODES } from '../../src/core/errors/codes.js';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { ErrorDetails, PartialAnswer } from '../../src/core/errors/generation-error.js';
import type { Usage } from '../../src/core/usage.js';
import { anyText } from '../support/any-text.js';

const words = anyText(20);
const upTo = (max: number) =>
  fc.double({ min: 0, max, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const [dollars, time, duration] = [upTo(1e11), upTo(8.64e15), upTo(3e10)];
const sometimes = <T>(shape: { [K in keyof T]-?: fc.Arbitrary<unknown> }, requiredKeys: (keyof T & string)[] = []) =>
  fc.record<Record<string, unknown>>(shape, { requiredKeys }) as unknown as fc.Arbitrary<T>;

const usage = sometimes<Usage>(
  {
    inputTokens: fc.nat(),
    outputTokens: fc.nat(),
    cachedInputTokens: fc.nat(),
    cacheWriteTokens: fc.nat(),
    reasoningTokens: fc.nat(),
    costUsd: dollars,
    estimatedCostUsd: dollars,
    source: fc.constantFrom('reported', 'estimated', 'unmeasured'),
  },
  ['inputTokens', 'outputTokens', 'source'],
);
const attempt = sometimes<AttemptRecord>(
  {
    attempt: fc.nat(),
    provider: words,
    model: words,
    outcome: fc.constantFrom('success', 'error', 'cancelled'),
    errorCode: fc.constantFrom(...ERROR_CODES),
    status: fc.nat(),
    sent: fc.boolean(),
    startedAt: time,
    latencyMs: duration,
    timeToFirstTokenMs: duration,
    usage,
    responseId: words,
    credential: words,
  },
  ['attempt', 'provider', 'model', 'outcome', 'sent', 'startedAt', 'latencyMs', 'usage'],
);
const details = sometimes<ErrorDetails>({
  retryable: fc.boolean(),
  retryLimit: fc.nat(),
  retryAt: time,
  neverSent: fc.boolean(),
  affordableTokens: fc.nat(),
  status: fc.nat(),
  provider: words,
  model: words,
  cause: fc.constant(undefined),
});
const partial: fc.Arbitrary<PartialAnswer> = fc.record({ text: words, usage, toolCallsOpen: fc.boolean() });
const timers = fc.constantFrom<TimeoutTimer>(
  'queue',
  'connect',
  'headers',
  'first-token',
  'idle',
  'content-idle',
  'attempt',
  'deadline',
);

/** An error of each class, of each code that the class can have. */
const plain: fc.Arbitrary<GenerationError> = fc
  .record({
    message: words,
    given: details,
    list: fc.array(words, { maxLength: 3 }),
    timer: timers,
    quota: fc.boolean(),
  })
  .chain(({ message, given, list, timer, quota }) =>
    fc.constantFrom<GenerationError>(
      ...ERROR_CODES.flatMap((code) => [new GenerationError(code, message, given), new ApiError(code, message, given)]),
      new RateLimitError(message, { ...given, quota }),
      new RetryExhaustedError(message, given),
      new InterruptedError(message, given),
      new TimeoutError(timer, message, given),
      new InvalidObjectError(message, { ...given, issues: list }),
      new BudgetError(message, given),
      new ConfigError(message, { ...given, problems: list }),
      new AbortError(message, given),
    ),
  );
const foreign = fc
  .record({ message: words, code: fc.option(words, { nil: undefined }) })
  .map(({ message, code }) => Object.assign(new TypeError(message), code === undefined ? {} : { code }));

const told = fc
  .record(
    {
      error: plain,
      cause: fc.oneof(plain, foreign),
      generationId: words,
      attempts: fc.array(attempt, { maxLength: 3 }),
      partial,
      routeFailures: fc.array(plain, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ['error'] },
  )
  .map(({ error, cause, ...story }) => {
    const copy = error.withDetails(story);
    if (cause !== undefined) Object.defineProperty(copy, 'cause', { value: cause, configurable: true });
    return copy;
  });

const roundTrip = (error: GenerationError): GenerationError =>
  GenerationError.fromJSON(JSON.parse(JSON.stringify(error)) as unknown);

/** All that must survive; a foreign cause counts by its name, message and code. */
function facts(error: unknown): unknown {
  if (!GenerationError.is(error)) {
    const { name, message, code } = error as Error & { code?: string };
    return { name, message, code };
  }
  const {
    stack: _stack,
    cause,
    routeFailures,
    ...fields
  } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((name) => [name, (error as unknown as Record<string, unknown>)[name]]),
  );
  return {
    class: Object.getPrototypeOf(error) as unknown,
    ...fields,
    ...(cause !== undefined && { cause: facts(cause) }),
    ...(routeFailures !== undefined && { routeFailures: (routeFailures as unknown[]).map(facts) }),
  };
}

describe('an error as JSON', () => {
  it('is restored whole, of every class and code', () => {
    fc.assert(fc.property(told, (error) => expect(facts(roundTrip(error))).toEqual(facts(error))));
  });

  it('is an error like any other once it is restored', () => {
    const restored = roundTrip(
      new RateLimitError('slow down', { quota: true, retryAt: 99 }).withDetails({ generationId: 'g-1' }),
    );
    expect(restored).toBeInstanceOf(RateLimitError);
    expect(restored).toBeInstanceOf(GenerationError);
    expect(restored).toBeInstanceOf(Error);
    expect(GenerationError.is(restored)).toBe(true);
    expect({ text: String(restored), stack: restored.stack }).toEqual({
      text: 'RateLimitError: slow down',
      stack: expect.stringContaining('error-json.test'),
    });
    expect(restored.withDetails({ provider: 'quill' })).toMatchObject({
      provider: 'quill',
      code: 'quota',
      retryAt: 99,
    });
  });

  it('holds no stack, and no field that a program attached', () => {
    const cause = Object.assign(new TypeError('root'), { headers: { authorization: 'Bearer secret-key' } });
    const error = Object.assign(new ApiError('server-error', 'x', { cause }), { headers: { key: 'secret-key' } });
    const written = JSON.stringify(error);
    expect(written).not.toContain('secret-key');
    expect(written).not.toContain('error-json.test');
  });

  it('ends where causes go on for ever', () => {
    const first = new GenerationError('internal', 'first');
    const second = new GenerationError('internal', 'second', { cause: first });
    Object.defineProperty(first, 'cause', { value: second });
    let depth = 0;
    for (let error: unknown = roundTrip(first); error instanceof Error; error = error.cause) depth += 1;
    expect(depth).toBe(9);
  });

  it('may come from another version: unknown fields, classes and codes of causes are accepted', () => {
    const restored = GenerationError.fromJSON({
      name: 'TomorrowsError',
      message: 'x',
      code: 'timeout',
      retryAt: null,
      tomorrow: true,
      attempts: [],
      partial: {
        text: 'a',
        toolCallsOpen: false,
        usage: { inputTokens: 1, outputTokens: 2, source: 'reported', x: 1 },
      },
      cause: { name: 'OtherError', message: 'y', code: 'tomorrows-code', retryable: true },
    });
    expect(facts(restored)).toEqual({
      class: GenerationError.prototype,
      name: 'TomorrowsError',
      message: 'x',
      code: 'timeout',
      retryable: false,
      attempts: [],
      partial: { text: 'a', toolCallsOpen: false, usage: { inputTokens: 1, outputTokens: 2, source: 'reported' } },
      cause: { name: 'OtherError', message: 'y', code: 'tomorrows-code' },
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /The value is not an object\./],
    ['null', null, /The value is not an object\./],
    ['a text', '{"code":"timeout"}', /The value is not an object\./],
    ['a list', [], /The value is not an object\./],
    ['no code', { message: 'x' }, /"code" must be one of the codes/],
    ['an unknown code', { code: 'lost', message: 'x' }, /"code" is "lost", but must be one of the codes/],
    ['no message', { code: 'timeout' }, /"message" must be a text\./],
    ['a wrong time', { code: 'timeout', message: 'x', retryAt: 'soon' }, /"retryAt" must be a number\./],
    [
      'an impossible time',
      { code: 'timeout', message: 'x', retryAt: 1e300 },
      /"retryAt" must be a number\. It is a time/,
    ],
    [
      'half an attempt',
      { code: 'timeout', message: 'x', retryLimit: 0.5 },
      /"retryLimit" must be a number\. It is a count/,
    ],
    ['a negative amount', { code: 'budget', message: 'x', spent: -1 }, /"spent" must be a number\. It is an amount/],
    ['wrong attempts', { code: 'timeout', message: 'x', attempts: {} }, /"attempts" must be a list of attempts\./],
    ['a wrong partial', { code: 'timeout', message: 'x', partial: 'a' }, /"partial" must be \{ text, usage/],
    ['a wrong cause', { code: 'timeout', message: 'x', cause: 'why' }, /"cause" must be \{ name, message \}\./],
    ['wrong routes', { code: 'timeout', message: 'x', routeFailures: 1 }, /"routeFailures" must be a list of errors\./],
    ['no timer', { name: 'TimeoutError', code: 'timeout', message: 'x' }, /"timer" is missing\./],
    [
      'a foreign code',
      { name: 'AbortError', code: 'quota', message: 'x' },
      /The code of AbortError cannot be "quota"\./,
    ],
  ])('is refused if it is broken: %s', (_, json, problem) => {
    const restore = () => GenerationError.fromJSON(json);
    expect(restore).toThrow(problem);
    expect(restore).toThrow(/Pass the object that GenerationError\.toJSON\(\) returned\.$/);
    expect(restore).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('keeps the partial text and the other attempts where an attempt cannot be read', () => {
    const usage = { inputTokens: 7, outputTokens: 3, source: 'reported' };
    const sound = {
      attempt: 2,
      provider: 'mine',
      model: 'm',
      outcome: 'error',
      sent: true,
      startedAt: 5,
      latencyMs: 9,
    };
    const attempts = [{ ...sound, attempt: 1, latencyMs: -3_600_000, usage }, { ...sound, usage }, {}];
    const partial = { text: 'Call me ', usage, toolCallsOpen: false };
    const error = GenerationError.fromJSON({
      code: 'interrupted',
      name: 'InterruptedError',
      message: 'x',
      attempts,
      partial,
    });
    expect({ attempts: error.attempts, partial: error.partial }).toEqual({ attempts: [{ ...sound, usage }], partial });
  });

  it('never fails in any other way, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (json) => {
        try {
          GenerationError.fromJSON(json);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-input' });
        }
      }),
    );
  });
});
