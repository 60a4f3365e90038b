import { describe, expect, it } from '@jest/globals';
import { toDollars } from '../../src/core/money.js';
import { costOf, isAbove, pricesAt } from '../../src/core/price.js';
import type { ModelPrice, PriceOverride } from '../../src/core/price.js';

const BASE: ModelPrice = { prompt: '0.000003', completion: '0.000015' };
const at = (time: string): number => Date.parse(`2026-11-20T${time}:00Z`);
const promptAt = (overrides: readonly PriceOverride[], { promptTokens = 1_000, time = '12:00' } = {}): string =>
  pricesAt({ ...BASE, overrides }, { promptTokens, now: at(time) }).prompt;

describe('pricesAt', () => {
  it('is the table itself without an override', () => {
    expect(pricesAt(BASE, { promptTokens: 1, now: 0 })).toEqual(BASE);
  });

  it.each([
    [199_999, '0.000003'],
    [200_000, '0.000003'],
    [200_001, '0.000006'],
  ])('applies an override above its tokens, not at them (%d)', (promptTokens, price) => {
    expect(promptAt([{ minPromptTokens: 200_000, prompt: '0.000006' }], { promptTokens })).toBe(price);
  });

  it.each([
    ['08:29', '0.000003'],
    ['08:30', '0.000001'],
    ['16:29', '0.000001'],
    ['16:30', '0.000003'],
  ])('applies an override inside its hours (%s)', (time, price) => {
    expect(promptAt([{ utcStart: '0830', utcEnd: '1630', prompt: '0.000001' }], { time })).toBe(price);
  });

  it.each([
    ['16:29', '0.000003'],
    ['16:30', '0.000001'],
    ['23:59', '0.000001'],
    ['00:29', '0.000001'],
    ['00:30', '0.000003'],
  ])('supports hours that end on the next day (%s)', (time, price) => {
    expect(promptAt([{ utcStart: '1630', utcEnd: '0030', prompt: '0.000001' }], { time })).toBe(price);
  });

  it('applies an override with two conditions only if both hold', () => {
    const both = [{ minPromptTokens: 10, utcStart: '0800', utcEnd: '0900', prompt: '9' }];
    expect(promptAt(both, { promptTokens: 11, time: '08:00' })).toBe('9');
    expect(promptAt(both, { promptTokens: 10, time: '08:00' })).toBe('0.000003');
    expect(promptAt(both, { promptTokens: 11, time: '09:00' })).toBe('0.000003');
  });

  it('prefers the later of two overrides, key by key', () => {
    const overrides = [
      { minPromptTokens: 10, prompt: '1', completion: '2' },
      { minPromptTokens: 20, prompt: '3' },
    ];
    expect(pricesAt({ ...BASE, overrides }, { promptTokens: 30, now: 0 })).toEqual({ prompt: '3', completion: '2' });
  });

  it.each([
    ['noon', '1300'],
    ['1100', 'later'],
    ['1100', '2400'],
    ['2400', '2300'],
    ['1160', '1300'],
    ['11000', '1300'],
    ['01100', '1300'],
    ['1100', '13000'],
    ['110', '1300'],
  ])('ignores invalid hours (%s to %s)', (utcStart, utcEnd) => {
    expect(promptAt([{ utcStart, utcEnd, prompt: '9' }])).toBe('0.000003');
  });

  it.each(['00:00', '08:00', '22:59', '23:59'])('holds the whole day from one time to the same time (%s)', (time) => {
    expect(promptAt([{ utcStart: '0800', utcEnd: '0800', prompt: '9' }], { time })).toBe('9');
  });

  it('holds from midnight without a start, and until midnight without an end', () => {
    const at = (time: string, hours: PriceOverride) => promptAt([{ ...hours, prompt: '9' }], { time }) === '9';
    expect({
      beforeEnd: at('07:59', { utcEnd: '0800' }),
      atEnd: at('08:00', { utcEnd: '0800' }),
      beforeStart: at('21:59', { utcStart: '2200' }),
      atStart: at('22:00', { utcStart: '22:00' }),
      atNight: at('23:59', { utcStart: '2200' }),
      tomorrow: at('00:00', { utcStart: '2200' }),
    }).toEqual({
      beforeEnd: true,
      atEnd: false,
      beforeStart: false,
      atStart: true,
      atNight: true,
      tomorrow: false,
    });
  });
});

describe('costOf', () => {
  it('is exact, unlike binary fractions', () => {
    expect(
      toDollars(costOf({ prompt: '0.0000001', completion: '0.0000002' }, { inputTokens: 1, outputTokens: 1 })),
    ).toBe(0.0000003);
    expect(
      costOf(
        { prompt: '0.000000000000000001', completion: '0' },
        { inputTokens: 9_007_199_254_740_991, outputTokens: 0 },
      ),
    ).toBe(9_007_199_254_740_991n);
  });

  it('bills cached, written and reasoning tokens at their own price, as parts of the whole', () => {
    const prices = { ...BASE, cacheRead: '0.0000003', cacheWrite: '0.00000375', reasoning: '0.00003', request: '0.01' };
    const tokens = {
      inputTokens: 1_000,
      cachedInputTokens: 600,
      cacheWriteTokens: 100,
      outputTokens: 500,
      reasoningTokens: 200,
    };
    expect(toDollars(costOf(prices, tokens))).toBe(0.021955);
  });

  it('counts parts that exceed the whole, and broken counts, as whole tokens from 0', () => {
    expect(
      toDollars(costOf({ prompt: '1', completion: '2' }, { inputTokens: 5, cachedInputTokens: 9, outputTokens: 1.4 })),
    ).toBe(9 + 2);
  });

  it('bills tokens without their own price like those that they are part of', () => {
    expect(costOf(BASE, { inputTokens: 10, cachedInputTokens: 5, outputTokens: 10, reasoningTokens: 5 })).toBe(
      costOf(BASE, { inputTokens: 10, outputTokens: 10 }),
    );
  });
});

describe('isAbove', () => {
  it.each<[string, number, boolean]>([
    ['0.000003', 3, false],
    ['0.0000030000001', 3, true],
    ['0.000003', 2.99, true],
    ['5', 0, false],
  ])('%s a token against $%d a million: %p', (price, limit, above) => {
    expect(isAbove(price, limit)).toBe(above);
  });
});
