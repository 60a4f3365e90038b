import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from '../../../src/core/events.js';
import { soundUsage, withSoundUsage } from '../../../src/core/outside/sound-usage.js';
import { numbersOf } from '../../../src/core/outside/usage-numbers.js';
import type { SentNumbers } from '../../../src/core/outside/usage-numbers.js';
import { WrongNumbers } from '../../../src/core/outside/wrong-numbers.js';
import type { Usage } from '../../../src/core/usage.js';

const TOKENS = { inputTokens: 7, outputTokens: 5 };
const WHOLE: Usage = {
  ...TOKENS,
  cachedInputTokens: 1,
  cacheWriteTokens: 2,
  reasoningTokens: 3,
  costUsd: 0.5,
  source: 'reported',
};

/** What a function that reads numbers returns, and the numbers that it rejects. */
function rejecting<T>(read: (reject: (name: string, value: unknown) => void) => T) {
  const rejected: Record<string, unknown> = {};
  return { read: read((name, value) => void (rejected[name] = value)), rejected };
}

describe('the usage that a vendor sent', () => {
  it.each<[string, SentNumbers, Usage | undefined]>([
    ['all numbers', WHOLE, WHOLE],
    ['the tokens', TOKENS, { ...TOKENS, source: 'reported' }],
    ['texts', { inputTokens: '7', outputTokens: '5', costUsd: '0.5' }, { ...TOKENS, costUsd: 0.5, source: 'reported' }],
    ['nulls', { ...TOKENS, costUsd: null, reasoningTokens: null }, { ...TOKENS, source: 'reported' }],
    ['the input', { inputTokens: 7 }, { inputTokens: 7, outputTokens: 0, source: 'estimated' }],
    ['the output', { outputTokens: 5 }, { inputTokens: 0, outputTokens: 5, source: 'estimated' }],
    ['the cost', { costUsd: 0.5 }, { inputTokens: 0, outputTokens: 0, costUsd: 0.5, source: 'estimated' }],
    ['a cost of 0', { ...TOKENS, costUsd: 0 }, { ...TOKENS, costUsd: 0, source: 'reported' }],
    ['zeros', { inputTokens: 0, outputTokens: 0 }, { inputTokens: 0, outputTokens: 0, source: 'reported' }],
    ['nothing', {}, undefined],
    ['cached tokens alone', { cachedInputTokens: 5, reasoningTokens: 1 }, undefined],
  ])('is read from %s', (_name, sent, usage) => {
    expect(rejecting((reject) => numbersOf(sent, reject))).toStrictEqual({ read: usage, rejected: {} });
  });

  it.each<[string, SentNumbers, Usage | undefined]>([
    ['the input', { inputTokens: -1, outputTokens: 5 }, { inputTokens: 0, outputTokens: 5, source: 'rejected' }],
    ['the output', { inputTokens: 7, outputTokens: 1.5 }, { inputTokens: 7, outputTokens: 0, source: 'rejected' }],
    ['the input alone', { inputTokens: 'many' }, { inputTokens: 0, outputTokens: 0, source: 'rejected' }],
    ['the output alone', { outputTokens: 2 ** 31 }, { inputTokens: 0, outputTokens: 0, source: 'rejected' }],
    ['the cost', { ...TOKENS, costUsd: -1 }, { ...TOKENS, source: 'reported' }],
    ['the cost alone', { costUsd: 1e6 }, undefined],
    ['the cached tokens', { ...TOKENS, cachedInputTokens: -1 }, { ...TOKENS, source: 'reported' }],
    ['the written tokens', { ...TOKENS, cacheWriteTokens: {} }, { ...TOKENS, source: 'reported' }],
    ['the thoughts', { ...TOKENS, reasoningTokens: NaN }, { ...TOKENS, source: 'reported' }],
  ])('is read without what cannot be true: %s', (_name, sent, usage) => {
    const wrong = Object.entries(sent).filter(([, value]) => value !== 7 && value !== 5);
    expect(rejecting((reject) => numbersOf(sent, reject))).toEqual({
      read: usage,
      rejected: Object.fromEntries(wrong),
    });
    expect(numbersOf(sent)).toStrictEqual(usage);
  });
});

describe('the usage that a provider reports', () => {
  it('is the same object if all can be true', () => {
    const usages: readonly Usage[] = [
      WHOLE,
      { ...TOKENS, source: 'estimated' },
      { ...WHOLE, estimatedCostUsd: 0.25, costUsd: undefined } as unknown as Usage,
      { ...TOKENS, source: 'reported', vendorsOwn: 'note' } as Usage,
    ];
    expect(usages.map((usage) => soundUsage(usage) === usage)).toEqual([true, true, true, true]);
  });

  it.each<[string, object, Usage]>([
    ['the input', { inputTokens: -1 }, { inputTokens: 0, outputTokens: 5, source: 'rejected' }],
    ['the output', { outputTokens: NaN }, { inputTokens: 7, outputTokens: 0, source: 'rejected' }],
    ['the cost', { costUsd: -1 }, { ...TOKENS, source: 'reported' }],
    ['the estimate', { estimatedCostUsd: 1e6 }, { ...TOKENS, source: 'reported' }],
    ['the cached tokens', { cachedInputTokens: 0.5 }, { ...TOKENS, source: 'reported' }],
  ])('is without what cannot be true: %s', (_name, wrong, usage) => {
    const sent = { ...TOKENS, source: 'reported', ...wrong } as Usage;
    expect(rejecting((reject) => soundUsage(sent, reject))).toStrictEqual({ read: usage, rejected: wrong });
    expect(soundUsage(sent)).toStrictEqual(usage);
  });

  it('is rejected if a count is missing, and keeps the rest', () => {
    const sent = { outputTokens: 5, cachedInputTokens: 1, costUsd: 0.5, source: 'reported' } as unknown as Usage;
    expect(rejecting((reject) => soundUsage(sent, reject))).toEqual({
      read: { inputTokens: 0, outputTokens: 5, cachedInputTokens: 1, costUsd: 0.5, source: 'rejected' },
      rejected: {},
    });
  });

  it('is made sound in the events that have one', () => {
    const usage = { ...TOKENS, costUsd: -1, source: 'reported' as const };
    const end = { type: 'generation-end', usage, provider: 'quill' } as GenerationEvent;
    const metadata: GenerationEvent = { type: 'response-metadata', usage };
    const sound = { ...TOKENS, source: 'reported' };
    expect(rejecting((reject) => withSoundUsage(end, reject))).toEqual({
      read: { ...end, usage: sound },
      rejected: { costUsd: -1 },
    });
    expect(withSoundUsage(metadata)).toEqual({ type: 'response-metadata', usage: sound });
  });

  it('leaves the other events as they are', () => {
    const events = [
      { type: 'generation-end', usage: WHOLE },
      { type: 'response-metadata' },
      { type: 'response-metadata', usage: WHOLE },
      { type: 'text-delta', delta: 'a', usage: { inputTokens: -1 } },
    ] as unknown as readonly GenerationEvent[];
    expect(events.map((event) => withSoundUsage(event) === event)).toEqual([true, true, true, true]);
  });
});

describe('the warning about numbers that cannot be true', () => {
  it('names them and their sender, but shows no texts, which may be anything', () => {
    const wrong = new WrongNumbers();
    wrong.reject('inputTokens', -1);
    wrong.reject('costUsd', 'sk-or-v1-key');
    wrong.reject('outputTokens', { a: 1 });
    expect(wrong.warning('quill')).toBe(
      'quill sent numbers that cannot be true (inputTokens: -1, costUsd: a text, outputTokens: object). ' +
        'They count as not given.',
    );
  });

  it('names at most five, and no name at length', () => {
    const wrong = new WrongNumbers();
    for (let number = 1; number <= 7; number += 1) wrong.reject(`${number}`.repeat(100), number);
    const named = [1, 2, 3, 4, 5].map((number) => `${`${number}`.repeat(60)}: ${number}`).join(', ');
    expect(wrong.warning('quill')).toBe(`quill sent numbers that cannot be true (${named}). They count as not given.`);
  });

  it('comes once for an answer', () => {
    const [wrong, events]: [WrongNumbers, unknown[]] = [new WrongNumbers(), []];
    wrong.warn('quill', (event) => events.push(event));
    expect(events).toEqual([]);
    wrong.reject('costUsd', -1);
    wrong.warn('quill', (event) => events.push(event));
    wrong.reject('costUsd', -2);
    wrong.warn('quill', (event) => events.push(event));
    expect(events).toEqual([
      {
        type: 'warning',
        message: 'quill sent numbers that cannot be true (costUsd: -1). They count as not given.',
        about: 'numbers',
      },
    ]);
  });
});
