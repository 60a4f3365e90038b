import { describe, expect, it } from '@jest/globals';
import type { AccountInfo, GenerationInfo, ModelInfo } from '../../../src/core/catalogue.js';
import { RateLimitError } from '../../../src/core/errors/classes.js';
import { LONGEST_WAIT_MS } from '../../../src/core/outside/numbers.js';
import { soundFailure } from '../../../src/core/outside/sound-failure.js';
import { isQuota, soundAccount, soundGeneration, soundModel } from '../../../src/core/outside/sound-infos.js';
import { cutText } from '../../../src/core/outside/text.js';
import type { ModelPrice } from '../../../src/core/price.js';

/** What remains of an object, and the fields that are rejected. */
function checked<T>(check: (info: T, reject: (name: string, value: unknown) => void) => T, info: T) {
  const rejected: Record<string, unknown> = {};
  return { sound: check(info, (name, value) => void (rejected[name] = value)), rejected };
}

describe('what a provider reports of a key', () => {
  const ACCOUNT: AccountInfo = {
    label: 'mine',
    limitUsd: 10,
    remainingUsd: -0.5,
    usageUsd: 10.5,
    usageDailyUsd: 0,
    usageWeeklyUsd: 1,
    usageMonthlyUsd: 2,
    dailyRequests: { used: 3, limit: 50, remaining: 47 },
    rateLimit: { requests: 20, interval: '10s' },
  };

  it('is the same object if all can be true; overspent credit is below 0', () => {
    const { sound, rejected } = checked(soundAccount, ACCOUNT);
    expect({ isSame: sound === ACCOUNT, rejected }).toEqual({ isSame: true, rejected: {} });
    const few: AccountInfo = { label: 'new' };
    expect(soundAccount(few, () => undefined)).toBe(few);
  });

  it.each<[keyof AccountInfo, unknown]>([
    ['limitUsd', -1],
    ['remainingUsd', -1e12],
    ['remainingUsd', 1e12],
    ['remainingUsd', '5'],
    ['usageUsd', 1e12],
    ['usageDailyUsd', -0.01],
    ['usageWeeklyUsd', NaN],
    ['usageMonthlyUsd', '1'],
    ['dailyRequests', { used: -1, limit: 50 }],
    ['dailyRequests', null],
    ['rateLimit', { requests: -1, interval: '10s' }],
    ['rateLimit', {}],
    ['rateLimit', null],
  ])('loses %s if it is %p', (field, value) => {
    const { [field]: _, ...others } = ACCOUNT;
    expect(checked(soundAccount, { ...ACCOUNT, [field]: value })).toEqual({
      sound: others,
      rejected: { [field]: value },
    });
  });
});

describe("a vendor's count of the requests of a day", () => {
  it.each<[unknown, boolean]>([
    [{ used: 0, limit: 50 }, true],
    [{ used: 1, limit: 50, remaining: 49 }, true],
    [{ used: 1, limit: 50, remaining: -1 }, false],
    [{ used: -1, limit: 50, remaining: 1 }, false],
    [{ used: 1, limit: 0.5, remaining: 1 }, false],
    [{ limit: 50 }, false],
    [{ used: 1 }, false],
    [null, false],
    [undefined, false],
    ['50', false],
  ])('%p: %p', (value, expected) => {
    expect(isQuota(value)).toBe(expected);
  });
});

describe('the record of an answer', () => {
  it('loses the numbers that cannot be true, those of its usage, too', () => {
    const info: GenerationInfo = {
      id: 'gen-1',
      latencyMs: -1,
      generationMs: LONGEST_WAIT_MS,
      usage: { inputTokens: 1, outputTokens: 2, costUsd: -1, source: 'reported' },
    };
    expect(checked(soundGeneration, info)).toEqual({
      sound: {
        id: 'gen-1',
        generationMs: LONGEST_WAIT_MS,
        usage: { inputTokens: 1, outputTokens: 2, source: 'reported' },
      },
      rejected: { latencyMs: -1, costUsd: -1 },
    });
  });

  it('has no usage if the vendor gives none', () => {
    const { sound } = checked<GenerationInfo>(soundGeneration, { id: 'gen-1', latencyMs: 5, generationMs: -1 });
    expect({ ...sound, hasUsage: 'usage' in sound }).toEqual({ id: 'gen-1', latencyMs: 5, hasUsage: false });
  });
});

describe('a model of a catalogue', () => {
  const PRICE: ModelPrice = { prompt: '0.000001', completion: '0.000002', image: '0.01' };

  it('is the same object if all can be true', () => {
    const models: readonly ModelInfo[] = [
      { id: 'm' },
      { id: 'm', contextLength: 8_000, maxOutputTokens: 0, asOf: 0, price: PRICE, isFree: false },
      { id: 'm', price: { ...PRICE, overrides: [{ minPromptTokens: 9, prompt: '1' }, { utcStart: '0800' }] } },
    ];
    expect(models.map((model) => soundModel(model) === model)).toEqual([true, true, true]);
  });

  it('loses the sizes and the time that cannot be true', () => {
    expect(soundModel({ id: 'm', name: 'M', contextLength: -1, maxOutputTokens: 0.5, asOf: NaN })).toEqual({
      id: 'm',
      name: 'M',
    });
  });

  it.each(['prompt', 'completion'])('has no price without that of its text (%s), and may not be free', (key) => {
    const model = { id: 'm', isFree: true, price: { ...PRICE, [key]: '-1' } };
    expect(soundModel(model)).toStrictEqual({ id: 'm' });
  });

  it('keeps the other prices if one cannot be true', () => {
    const { image: _, ...others } = PRICE;
    const model = { id: 'm', price: { ...PRICE, image: 'free', audio: '1e6' } };
    expect(soundModel({ ...model, isFree: false })).toStrictEqual({ id: 'm', isFree: false, price: others });
    expect(soundModel(model)).toStrictEqual({ id: 'm', price: others });
  });

  it('loses an override whose condition cannot be true, which never holds, and keeps the others', () => {
    const [first, last] = [
      { minPromptTokens: 5, prompt: '1' },
      { utcStart: '0800', prompt: '3' },
    ];
    const priced = (overrides: NonNullable<ModelPrice['overrides']>) =>
      soundModel({ id: 'm', price: { ...PRICE, overrides } }).price;
    expect({
      first: priced([{ minPromptTokens: -1, prompt: '2' }, first, last]),
      last: priced([first, last, { minPromptTokens: 0.5, prompt: '2' }]),
      all: priced([{ minPromptTokens: NaN }]),
    }).toStrictEqual({
      first: { ...PRICE, overrides: [first, last] },
      last: { ...PRICE, overrides: [first, last] },
      all: { ...PRICE, overrides: [] },
    });
  });

  it('loses the wrong prices of an override, and keeps its right ones', () => {
    const right = { utcStart: '0800', prompt: '3' };
    const overrides = [{ minPromptTokens: 5, prompt: '-1', completion: '2' }, right];
    expect(soundModel({ id: 'm', price: { ...PRICE, overrides } }).price).toStrictEqual({
      ...PRICE,
      overrides: [{ minPromptTokens: 5, completion: '2' }, right],
    });
  });
});

describe('the time that a server gives for the next try', () => {
  const now = Date.UTC(2026, 10, 28);
  const failing = (retryAt?: number) =>
    new RateLimitError('Slow down.', { provider: 'quill', ...(retryAt !== undefined && { retryAt }) });

  it('stays if it can be true', () => {
    const errors = [failing(), failing(now + 1_000), failing(now + LONGEST_WAIT_MS)];
    expect(errors.map((error) => soundFailure(error, now) === error)).toEqual([true, true, true]);
  });

  it('is left out if it cannot be true', () => {
    const error = failing(now + LONGEST_WAIT_MS + 1);
    const sound = soundFailure(error, now);
    expect({
      hasTime: 'retryAt' in sound,
      isSameKind: sound instanceof RateLimitError,
      message: sound.message,
      provider: sound.provider,
      before: error.retryAt,
    }).toEqual({
      hasTime: false,
      isSameKind: true,
      message: 'Slow down.',
      provider: 'quill',
      before: now + LONGEST_WAIT_MS + 1,
    });
  });
});

describe('a text from outside', () => {
  it('is cut to a length, and shows it', () => {
    expect(['', 'four', 'fives'].map((text) => cutText(text, 4))).toEqual(['', 'four', 'five…']);
  });
});
